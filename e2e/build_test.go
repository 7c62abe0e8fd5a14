// Package e2e runs the built program as people do: beside real servers and a
// browser, with signals, certificates and passwords. It needs `go`, and Debian's
// packages prometheus, prometheus-alertmanager, chromium and curl; it speaks to
// nobody outside this machine, but to the Go proxy for Prometheus 3, once.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain builds the program once and puts it into PATH, where the tests find it
// like any other. A test of crashes starts this binary again, to refresh, and one of
// load, as Dexcom.
func TestMain(m *testing.M) {
	if stateDir := os.Getenv(refresherState); stateDir != "" {
		fmt.Fprintln(os.Stderr, "refresh:", refresh(stateDir, os.Getenv(refresherCloud)))
		os.Exit(1) // it should have been killed
	}
	if os.Getenv(loadCloudState) != "" {
		if err := runLoadCloud(); err != nil {
			fmt.Fprintln(os.Stderr, "simulate Dexcom:", err)
			os.Exit(1)
		}
		return
	}
	dir, err := os.MkdirTemp("", "dexcom_exporter-e2e-")
	if err == nil {
		err = prepare(dir)
	}
	status := 1
	if err == nil {
		status = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, "e2e:", err)
	}
	_ = os.RemoveAll(dir) // the system clears temporary files too
	os.Exit(status)
}

// prepare makes sure that every program is there.
func prepare(dir string) error {
	for tool, debian := range map[string]string{
		"prometheus": "prometheus", "promtool": "prometheus", "prometheus-alertmanager": "prometheus-alertmanager", "chromium": "chromium", "curl": "curl",
	} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("find %s (on Debian: apt-get install --no-install-recommends %s): %w", tool, debian, err)
		}
	}
	build := exec.Command("go", "build", "-C", "..", "-trimpath", "-o", filepath.Join(dir, "dexcom_exporter"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build dexcom_exporter: %w\n%s", err, output)
	}
	helm, err := exec.Command("go", "tool", "-n", "-modfile=../tools/helm/go.mod", "helm").Output() // its path: go takes long to find it
	if err == nil {
		err = os.Symlink(strings.TrimSpace(string(helm)), filepath.Join(dir, "helm"))
	}
	if err != nil {
		return fmt.Errorf("find helm: %w", err)
	}
	return os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
