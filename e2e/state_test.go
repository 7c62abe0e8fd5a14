package e2e

import (
	"os"
	"path/filepath"
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

// The commands leave the state to the program that runs: where its socket is gone
// they can do nothing, and touch nothing.
func TestCommandsGoThroughTheSocket(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	if got := f.check(t); got.status != 0 {
		t.Errorf("check: %+v", got)
	}
	socket := filepath.Join(f.stateDir, "control.sock")
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}

	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	spent := f.cloud.OAuthCounts().Tokens["ok"]
	for _, command := range []string{"check", "link"} {
		args := []string{command, f.config(t)}
		if command == "link" {
			args = append(args, "alice")
		}
		if got := run(t, args...); got.status != 1 || !strings.Contains(got.stderr, "another dexcom_exporter is using it") {
			t.Errorf("%s: %+v", command, got)
		}
	}
	if again := f.cloud.OAuthCounts().Tokens["ok"]; again != spent {
		t.Error("a command spent a token that is not its own")
	}
	f.expectAlive(t, "alice")
}
