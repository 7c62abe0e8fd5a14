package dexcom

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// away is a directory that is not there until back is called: no file in it can be
// written. A grant writes into it from now on.
func (h *household) away(t *testing.T, account string) (back func()) {
	t.Helper()
	g := h.grant(account)
	dir := filepath.Join(h.state.Dir(), "away")
	g.file.path = filepath.Join(dir, filepath.Base(g.file.path))
	return func() {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// What could not be saved is saved once it can be, although nobody asks for a token.
func TestAGrantIsSavedOnceTheDiskTakesIt(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		back := h.away(t, "alice")
		g := h.grant("alice")
		time.Sleep(3 * time.Hour)
		if _, err := g.Token(t.Context()); err != nil || g.Status().Persisted {
			t.Fatalf("%v, persisted %t: want a token that is nowhere on the disk", err, g.Status().Persisted)
		}
		g.SaveAgain()
		if g.Status().Persisted || h.onDisk(t, "alice") != nil {
			t.Error("saved where nothing can be")
		}
		back()
		g.SaveAgain()
		if !g.Status().Persisted || !h.cloud.Alive("alice", h.onDisk(t, "alice").RefreshToken) {
			t.Errorf("persisted %t: want the newest token on the disk", g.Status().Persisted)
		}
		before, err := os.Stat(h.path("alice"))
		if err != nil {
			t.Fatal(err)
		}
		g.SaveAgain()
		if after, err := os.Stat(h.path("alice")); err != nil || !os.SameFile(before, after) {
			t.Errorf("written again without need: %v", err)
		}
	})
}

// After the end of the program another one may hold the directory.
func TestNothingIsSavedAfterTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		back := h.away(t, "alice")
		g := h.grant("alice")
		time.Sleep(3 * time.Hour)
		if _, err := g.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		back()
		if err := h.state.Close(); err != nil {
			t.Fatal(err)
		}
		g.SaveAgain()
		if h.onDisk(t, "alice") != nil {
			t.Error("written into a directory that is not held any more")
		}
	})
}

// A refresh under way holds the grant for as long as Dexcom takes: nobody waits for it.
func TestSavingAgainWaitsForNobody(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		g := h.grant("alice")
		time.Sleep(3 * time.Hour)
		h.cloud.FailTokens(simulator.DelayAnswer(20*time.Second), 1)
		done := make(chan error, 1)
		go func() {
			_, err := g.Token(t.Context())
			done <- err
		}()
		time.Sleep(time.Second)
		began := time.Now()
		g.SaveAgain()
		if waited := time.Since(began); waited > 0 {
			t.Errorf("waited %v", waited)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
