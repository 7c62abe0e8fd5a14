package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stage is where the reader of a document stands: a terminal on a machine of its own,
// in a clone of the repository. The machine has no network and other processes, and
// whatever a document names by a port or a name answers there.
type stage struct {
	*process

	root   string // of what the commands change outside of the clone
	clone  string // the reader's directory
	family *family
	typed  int
	config string  // the reader's own configuration
	person string  // who is alice
	hash   string  // what htpasswd printed last
	server *typing // what serves now, if anything does
}

// typing is one command that was typed.
type typing struct {
	text  string
	path  string   // of its files: what it reads, prints, and its exit status
	input *os.File // of a dialogue
}

// hosts are the names that documents give to the machine.
const hosts = "127.0.0.1 localhost exporter prometheus alertmanager glucose.home.arpa\n"

// openStage unshares the network of this goroutine alone, with a thread that ends with
// it: what the test starts or listens at from now on is on the machine of the stage.
func openStage(t *testing.T, f *family) *stage {
	t.Helper()
	s := &stage{root: shortDirectory(t), family: f}
	s.clone = filepath.Join(s.root, "clone")
	cloneInto(t, s.clone)
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		t.Fatalf("unshare the network, which needs root (in a container: the capability SYS_ADMIN): %v", err)
	}
	for _, line := range []string{"link set lo up", "address add 192.168.1.5/32 dev lo"} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s (on Debian: apt-get install iproute2): %v\n%s", line, err, output)
		}
	}
	f.baseURL = listen(t, f.cloud)
	f.redirectURL = "http://localhost:10180/oauth/callback"
	s.install(t)
	s.process = start(t, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setsid", "sh")
	t.Cleanup(func() { // the end of the shell is the end of all that it started
		_ = s.stdin.Close() // it may have ended
		select {
		case <-s.ended:
		case <-time.After(time.Second): // a command hangs
		}
	})
	s.types(t, fmt.Sprintf("mount --bind %s/hosts /etc/hosts; cd %s; export HOME=%s TMPDIR=%s/tmp PATH=%s/bin:$PATH GOFLAGS='-trimpath -buildvcs=false'",
		s.root, s.clone, s.root, s.root, s.root))
	for _, variable := range []string{"GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", variable).Output()
		if err != nil {
			t.Fatal(err)
		}
		s.types(t, fmt.Sprintf("export CGO_ENABLED=0 %s=%s", variable, value))
	}
	return s
}

// shortDirectory is for sockets, too: their paths have 107 characters at most.
func shortDirectory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "stage-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// install puts there what the machine lacks.
func (s *stage) install(t *testing.T) {
	t.Helper()
	for _, dir := range []string{"bin", "runs", "tmp", "usr/bin", "etc/dexcom_exporter/secrets", "etc/systemd/system", "var/lib/dexcom_exporter", "var/lib/prometheus/metrics2"} {
		if err := os.MkdirAll(filepath.Join(s.root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	writeInto(t, s.root, "hosts", hosts)
	sudo := writeInto(t, filepath.Join(s.root, "bin"), "sudo", "#!/bin/sh\nexec \"$@\"\n")
	helm, err := exec.LookPath("helm")
	program, failed := exec.LookPath("dexcom_exporter")
	err = errors.Join(err, failed, os.Chmod(sudo, 0o700), os.Symlink(helm, filepath.Join(s.root, "bin", "helm")),
		os.Symlink(program, s.root+"/usr/bin/dexcom_exporter"))
	if err != nil {
		t.Fatal(err)
	}
}

// cloneInto copies what of the repository git does not ignore: a developer's own
// configuration and grants stay where they are.
func cloneInto(t *testing.T, dir string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	list.Dir = ".."
	names, err := list.Output()
	if err != nil {
		t.Fatalf("list the repository's files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if err := copyFile(filepath.Join("..", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// copyFile copies a file, or a link as a link; what was deleted is none.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755)); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		return errors.Join(err, os.Symlink(target, to))
	}
	text, err := os.ReadFile(from)
	return errors.Join(err, os.WriteFile(to, text, info.Mode()))
}

// begin types a command that goes on beside the next ones, or else they wait for it.
// It reads what stands in its file of input.
func (s *stage) begin(t *testing.T, text, input string, beside bool) *typing {
	t.Helper()
	s.typed++
	r := &typing{text: text, path: filepath.Join(s.root, "runs", strconv.Itoa(s.typed))}
	if input == dialogue {
		r.openDialogue(t)
	} else {
		writeInto(t, filepath.Dir(r.path), filepath.Base(r.path)+".in", input)
	}
	line := fmt.Sprintf("{\n%s\n} <%[2]s.in >%[2]s.out 2>%[2]s.err; echo $? >%[2]s.part; mv %[2]s.part %[2]s.status", text, r.path)
	if beside {
		line = "{ " + line + "; } &"
	}
	s.types(t, line)
	return r
}

// dialogue is the input of a command that is answered later, with [typing.answer].
const dialogue = "\x00"

func (r *typing) openDialogue(t *testing.T) {
	t.Helper()
	err := syscall.Mkfifo(r.path+".in", 0o600)
	if err == nil {
		r.input, err = os.OpenFile(r.path+".in", os.O_RDWR, 0) // to read, too: else it would wait for the reader
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.input.Close() }) // a failure would have been one of answer
}

func (r *typing) answer(t *testing.T, line string) {
	t.Helper()
	if _, err := r.input.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
}

// printed gives what it printed until now: its answer, and its answer with complaints.
func (r *typing) printed(t *testing.T) (stdout, all string) {
	t.Helper()
	out, err := os.ReadFile(r.path + ".out")
	complaints, failed := os.ReadFile(r.path + ".err")
	if err := errors.Join(err, failed); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(out), string(out) + string(complaints)
}

// ends waits for its end, and gives its exit status.
func (r *typing) ends(t *testing.T) (status string) {
	t.Helper()
	eventuallyWithin(t, 2*time.Minute, func() error {
		text, err := os.ReadFile(r.path + ".status")
		if err != nil {
			_, all := r.printed(t)
			return fmt.Errorf("%s: it has not ended: %s", r.text, all)
		}
		status = strings.TrimSpace(string(text))
		return nil
	})
	return status
}
