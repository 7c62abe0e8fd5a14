package e2e

import (
	"syscall"
	"testing"
	"time"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	config, _ := writeConfig(t)
	expect := func(when string, status int) {
		t.Helper()
		begun := time.Now()
		got := run(t, "healthy", config)
		if took := time.Since(begun); got.status != status || took > time.Second {
			t.Errorf("%s: %+v after %v, want exit status %d within a second", when, got, took, status)
		}
	}
	expect("before the start", 1)
	e := startExporter(t, "serve", config, loopback)
	expect("while it runs", 0)
	e.signal(t, syscall.SIGTERM)
	e.exit(t, shutdown)
	expect("after the stop", 1)
}

func TestHealthyNeedsAConfiguration(t *testing.T) {
	t.Parallel()
	if got := run(t, "healthy", "--config.file="+t.TempDir()+"/none.yaml"); got.status == 0 || got.stderr == "" {
		t.Errorf("got %+v", got)
	}
}
