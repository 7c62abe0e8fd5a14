package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// unmasked is a command line that takes no permission from anybody by itself.
func unmasked(args ...string) []string {
	return append([]string{"-c", `umask 000; exec dexcom_exporter "$@"`, "sh"}, args...)
}

// stranger is what another user of the machine gets. It needs root.
func stranger(t *testing.T, name string, args ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// opened makes the way to a file passable for everybody, so that its own mode decides.
func opened(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// expectState waits until alice's state is on the disk, too.
func (f *family) expectState(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		_, err := os.Stat(filepath.Join(f.stateDir, "alice.state.json"))
		return err
	})
}

// Whatever the umask is, what the program writes is for its owner alone.
func TestUmaskOpensNothing(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	config := f.config(t)
	p := start(t, "sh", unmasked("serve", config, "--web.listen-address="+f.address)...)
	p.says(t, &p.stderr, `(Listening on)`)
	f.link(t, "alice")
	expectSeriesThat(t, exporter{p, f.address}, newest, present)
	f.expectState(t)
	dir := t.TempDir()
	for _, output := range []string{"report", "backfill"} {
		args := []string{output, "alice", config, "--output=" + filepath.Join(dir, output)}
		if output == "backfill" {
			args = append(args, "--from=1d")
		}
		p := start(t, "sh", unmasked(args...)...)
		if status := p.exit(t, patience); status != 0 {
			t.Errorf("%s: exit status %d", output, status)
		}
	}
	seen := 0
	for _, root := range []string{f.stateDir, dir} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || path == dir {
				return err
			}
			seen++
			info, err := entry.Info()
			want := os.FileMode(0o600)
			if entry.IsDir() {
				want = 0o700
			}
			if err == nil && info.Mode().Perm() != want {
				t.Errorf("%s: %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen != 7 { // the directory, the grant, the state, the lock, the socket and two outputs
		t.Errorf("%d files", seen)
	}
}

// A state directory that others may enter, and even write into, gives them no secret;
// the program says so.
func TestStrangersInTheStateDirectory(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	if err := errors.Join(os.Chmod(f.stateDir, 0o777), os.Chmod(f.grantFile(), 0o644)); err != nil { // as a backup may restore it
		t.Fatal(err)
	}
	opened(t, f.stateDir)
	if _, err := stranger(t, "cat", f.grantFile()); err != nil {
		t.Fatalf("nothing is shown by this test: %v", err)
	}
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	f.expectState(t)
	e.says(t, &e.stderr, `level=WARN .*(every user of this machine may write)`)
	proc := fmt.Sprintf("/proc/%d", e.cmd.Process.Pid)
	for _, path := range []string{f.grantFile(), filepath.Join(f.stateDir, "alice.state.json"), filepath.Join(proc, "environ"), filepath.Join(proc, "mem")} {
		if got, err := stranger(t, "cat", path); err == nil || !strings.Contains(got, "ermission denied") {
			t.Errorf("a stranger reads %s: %v, %.100s", path, err, got)
		}
	}
	socket := filepath.Join(f.stateDir, "control.sock")
	if got, err := stranger(t, "curl", "--silent", "--show-error", "--unix-socket", socket, "--data", "{}", "http://control/healthy"); err == nil {
		t.Errorf("a stranger commands: %s", got)
	}
	if got, err := exec.CommandContext(t.Context(), "curl", "--silent", "--fail", "--unix-socket", socket, "--data", "{}", "http://control/healthy").CombinedOutput(); err != nil {
		t.Errorf("the owner does not: %v %s", err, got)
	}
	if err := os.Chmod(f.stateDir, 0o755); err != nil {
		t.Fatal(err)
	}
	e.signal(t, syscall.SIGTERM)
	e.exit(t, shutdown)
	again := f.serve(t)
	expectSeriesThat(t, again, newest, present)
	if strings.Contains(again.stderr.String(), "every user of this machine") {
		t.Error("it warns of a directory that nobody else may write into")
	}
}

// A directory has one lock, by whatever name it is reached.
func TestStateDirIsASymlink(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	other := *f
	other.stateDir = filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(f.stateDir, other.stateDir); err != nil {
		t.Fatal(err)
	}
	spent := f.cloud.OAuthCounts().Tokens["ok"]
	if got := run(t, "serve", other.config(t), loopback); got.status != 1 || !strings.Contains(got.stderr, "another dexcom_exporter is using it") {
		t.Errorf("a second process: %+v", got)
	}
	if healthy := run(t, "healthy", other.config(t)); healthy.status != 0 {
		t.Errorf("healthy through the link: %+v", healthy)
	}
	e.signal(t, syscall.SIGTERM)
	e.exit(t, shutdown)
	expectSeriesThat(t, other.serve(t), newest, present)
	if again := f.cloud.OAuthCounts().Tokens["ok"]; again != spent {
		t.Errorf("%d tokens were spent", again-spent)
	}
	if info, err := os.Lstat(other.stateDir); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link: %v, %v", info, err)
	}
	f.expectAlive(t, "alice")
}

// Who kills what root started in the directory of a service does not shut the service out.
func TestAKilledRunOfRootLeavesTheServiceItsLock(t *testing.T) {
	t.Parallel()
	const service = 65534
	f := newFamily(t)
	if err := errors.Join(os.MkdirAll(f.stateDir, 0o700), os.Chown(f.stateDir, service, service)); err != nil {
		t.Fatalf("this test needs root: %v", err)
	}
	e := f.serve(t)
	e.signal(t, syscall.SIGKILL)
	info, err := os.Lstat(filepath.Join(f.stateDir, "lock"))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != service {
		t.Errorf("the lock is of somebody else: %+v, %v", info, err)
	}
}

// What root's `check` makes in the directory of a service belongs to the service.
func TestRootsCheckLeavesTheServiceItsState(t *testing.T) {
	t.Parallel()
	const service = 65534
	f := newFamily(t)
	if err := os.MkdirAll(f.stateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(f.stateDir, service, service); err != nil {
		t.Fatalf("this test needs root: %v", err)
	}
	// What the service laid a trap with stays root's.
	const trap = "mallory.grant.json"
	if err := os.Link(write(t, "shadow", "root's own"), filepath.Join(f.stateDir, trap)); err != nil {
		t.Fatal(err)
	}
	run(t, "check", f.config(t))
	found := 0
	err := filepath.WalkDir(f.stateDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if owner := info.Sys().(*syscall.Stat_t).Uid; (owner == service) == (entry.Name() == trap) {
			t.Errorf("%s belongs to %d", path, owner)
		}
		found++
		return nil
	})
	if err != nil || found < 3 {
		t.Errorf("%d entries, %v", found, err)
	}
}
