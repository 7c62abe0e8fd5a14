package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A grant file that holds no grant is kept for a person to look at, and the
// account is linked again.
func TestUnreadableGrant(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":            "",
		"zeros":            strings.Repeat("\x00", 512), // what some file systems leave after a power cut
		"half":             `{"access_token": "planted-secret", "refresh_to`,
		"of somebody else": `{"users": [1, 2, 3]}`,
		"no refresh token": `{"access_token": "planted-secret", "refresh_token": ""}`,
		"no JSON":          "planted-secret\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			if err := os.Mkdir(f.stateDir, 0o700); err != nil {
				t.Fatal(err)
			}
			writeInto(t, f.stateDir, filepath.Base(f.grantFile()), text)
			e := f.serve(t)
			expectSeries(t, e, linked, 0)
			f.expectNoGrant(t)
			aside := f.keptAside(t, text)
			if log := e.stderr.String(); !strings.Contains(log, aside) || strings.Contains(log, planted) {
				t.Error("the log does not name the file that was kept, or tells what is in it")
			}
			if got := f.check(t); got.status != 1 || !strings.Contains(got.stdout, "consent needed") {
				t.Errorf("check: %+v", got)
			}
			f.link(t, "alice")
			expectSeries(t, e, linked, 1)
			f.expectAlive(t, "alice")
			f.keptAside(t, text)
		})
	}
}

// keptAside expects one file that was kept, unchanged, and returns its name.
func (f *family) keptAside(t *testing.T, text string) (name string) {
	t.Helper()
	paths, err := filepath.Glob(f.grantFile() + ".unreadable-*")
	if err != nil || len(paths) != 1 {
		t.Fatalf("kept aside: %v, %v", paths, err)
	}
	if kept, err := os.ReadFile(paths[0]); err != nil || string(kept) != text {
		t.Errorf("kept %q of %q: %v", kept, text, err)
	}
	return filepath.Base(paths[0])
}

// Who finds the unreadable file does not matter: `check` keeps it too.
func TestCheckKeepsAnUnreadableGrant(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	if err := os.Mkdir(f.stateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	writeInto(t, f.stateDir, filepath.Base(f.grantFile()), planted)
	for range 2 {
		if got := f.check(t); got.status != 1 || !strings.Contains(got.stdout, "consent needed") {
			t.Errorf("check: %+v", got)
		}
		f.keptAside(t, planted)
	}
	l := f.startLink(t)
	l.browse(t, "", "alice", "Allow").expect(t, http.StatusOK, "Go back to the terminal")
	l.ends(t, 0, `"alice" is linked.`)
	f.keptAside(t, planted)
	f.expectAlive(t, "alice")
}
