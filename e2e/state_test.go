package e2e

import (
	"strings"
	"testing"
)

func TestStateDirIsForOneProcess(t *testing.T) {
	t.Parallel()
	config, stateDir := writeConfig(t)
	first := startExporter(t, "serve", config, loopback)
	second := run(t, "serve", config, loopback)
	if second.status != 1 || strings.Count(second.stderr, stateDir) != 1 || strings.Contains(second.stderr, "Listening") {
		t.Errorf("second process: %+v", second)
	}
	first.visitor().get(t, "/-/healthy", 200)
	if healthy := run(t, "healthy", config); healthy.status != 0 { // the second one must not take the socket away
		t.Errorf("healthy: %+v", healthy)
	}
}
