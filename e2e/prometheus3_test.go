package e2e

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// debianPrometheus is the one in PATH, 2.42 on Debian 12.
const debianPrometheus = "prometheus"

// prometheus3 is the path of a Prometheus 3, which is built where nobody did before:
// that takes minutes, so that whoever runs all tests calls tools/prometheus/build first.
func prometheus3(t *testing.T) (path string) {
	t.Helper()
	stdout, err := exec.Command("../tools/prometheus/build").Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Logf("%s", failed.Stderr)
		}
		t.Fatalf("build Prometheus 3: %v", err)
	}
	return strings.TrimSpace(string(stdout))
}
