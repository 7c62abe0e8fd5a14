package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is a program that a test started. It ends with the test at the latest,
// and a failed test shows what it wrote.
type process struct {
	cmd            *exec.Cmd
	stdin          io.WriteCloser
	stdout, stderr output
	tempDir        string        // its own, so that nothing is left behind
	ended          chan struct{} // closed when it has ended and all its output is here
}

// start starts a program of PATH.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), tempDir: t.TempDir(), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.tempDir)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // ProcessState keeps how it ended
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // most have ended by now
		<-p.ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s%s", strings.Join(p.cmd.Args, " "), p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// says waits until the program has written what matches the pattern, and returns
// the pattern's first group.
func (p *process) says(t *testing.T, out *output, pattern string) string {
	t.Helper()
	said := regexp.MustCompile(pattern)
	var found []string
	eventually(t, func() error {
		over := p.over() // before looking, so that the last words count
		if found = said.FindStringSubmatch(out.String()); found != nil {
			return nil
		}
		if over {
			t.Fatalf("it ended (%v) and did not say %q", p.cmd.ProcessState, pattern)
		}
		return fmt.Errorf("it has not said %q", pattern)
	})
	return found[1]
}

// types types a line into the program.
func (p *process) types(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		t.Fatalf("type into %s: %v", p.cmd.Path, err)
	}
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("send %v: %v", signal, err)
	}
}

// exit waits for the program to end and returns its exit status, -1 if a signal
// ended it.
func (p *process) exit(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		t.Fatalf("it still runs after %v", within)
	}
	return p.cmd.ProcessState.ExitCode()
}

// output collects what a program writes while others read it.
type output struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
