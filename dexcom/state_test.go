package dexcom

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestTheStateDirectoryIsHeldByOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "state")
	first, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenState(dir); !errors.Is(err, ErrStateInUse) {
		t.Errorf("a second one: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenState(dir)
	if err != nil {
		t.Fatalf("after the first closed: %v", err)
	}
	_ = again.Close()
}

func TestTheStateDirectoryIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	state, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "lock"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
}

// A backup that root restored, or a copy, may be for everybody to read.
func TestFilesOfTheStateDirectoryAreProtected(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	files := map[string]os.FileMode{
		filepath.Join(dir, "alice.grant.json"): 0o644, filepath.Join(dir, "alice.state.json"): 0o660,
		filepath.Join(dir, "alice.grant.json.unreadable-1"): 0o666, filepath.Join(dir, ".bob.grant.json123"): 0o604,
		filepath.Join(dir, "config.yaml"): 0o640, outside: 0o644,
	}
	for path, mode := range files {
		if err := errors.Join(os.WriteFile(path, []byte("{}"), mode), os.Chmod(path, mode)); err != nil { // whatever the umask is
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "eve.grant.json")); err != nil {
		t.Fatal(err)
	}
	state, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	for path, before := range files {
		want := os.FileMode(0o600)
		if path == outside || filepath.Base(path) == "config.yaml" { // not ours
			want = before
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
}

func TestAStateDirectoryThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "data"), "/proc/self/data"} {
		_, err := OpenState(dir)
		if err == nil || !strings.HasPrefix(err.Error(), "make the state directory "+dir+": ") || !strings.Contains(err.Error(), "set state_dir to") ||
			strings.Contains(err.Error(), "mkdir") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// A relative path says nothing to who does not know where the program started.
func TestAStateDirectoryIsNamedInFull(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	if err := os.WriteFile("data", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenState("data"); err == nil || !strings.Contains(err.Error(), filepath.Join(here, "data")+": ") || !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
}

func TestAStateDirectoryThatCannotBeLocked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenState(dir); err == nil || !strings.HasPrefix(err.Error(), "lock the state directory "+dir+": is a directory: ") {
		t.Error(err)
	}
}
