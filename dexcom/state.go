package dexcom

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/gofrs/flock"
)

// ErrStateInUse means that another process holds the state directory. Two of them
// would burn each other's single-use refresh tokens.
var ErrStateInUse = errors.New("another dexcom_exporter is using it")

// State is the state directory, held by this process alone until Close.
type State struct {
	dir  string
	lock *flock.Flock
	// unfinished are the names of the files that a crash left something of on its
	// way: one look at the directory serves all accounts.
	unfinished map[string]bool

	mu      sync.Mutex // guards closing
	closing bool
	busy    sync.WaitGroup // requests that spend a token, until the next one is on the disk
}

// errClosing refuses to spend a token that nobody would keep.
var errClosing = &Error{Op: "token", Reason: ReasonOther, Err: errors.New("the program is ending")}

// OpenState makes the directory if it is not there, readable for its owner only,
// takes its lock, and makes grants and states readable for their owner only. The
// lock ends with the process, however that ends.
func OpenState(dir string) (*State, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory %s: %w: make it yourself, for the user that runs the program, or set state_dir to a directory that this user may write into",
			absolute(dir), withoutPath(err))
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	switch taken, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the state directory %s: %w: is it, and all in it, of the user that runs the program?", absolute(dir), withoutPath(err))
	case !taken:
		return nil, fmt.Errorf("lock the state directory %s: %w", dir, ErrStateInUse)
	}
	protect(dir)
	handBack(dir) // a process that is killed does not come to Close
	return &State{dir: dir, lock: lock, unfinished: unfinished(dir)}, nil
}

// absolute is a path as people find it wherever they are.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// withoutPath is what went wrong with a file that is named beside it.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// protect takes back from others what a copy or a restored backup let them read of
// grants and states. What cannot be changed belongs to somebody else.
func protect(dir string) {
	entries, _ := os.ReadDir(dir) // what cannot be listed cannot be protected
	for _, entry := range entries {
		name := entry.Name()
		ours := strings.Contains(name, ".grant.json") || strings.Contains(name, ".state.json") // those set aside too
		if info, err := entry.Info(); err == nil && ours && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(filepath.Join(dir, name), 0o600)
		}
	}
}

// handBack gives the directory's owner what root made in it, as with `sudo dexcom_exporter
// check`: the service, which is somebody else, could not open it.
func handBack(dir string) {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !known || owner.Uid == 0 {
		return
	}
	entries, _ := os.ReadDir(dir) // what cannot be listed cannot be given
	for _, entry := range entries {
		if name := entry.Name(); name == "lock" || strings.Contains(name, ".grant.json") || strings.Contains(name, ".state.json") {
			give(filepath.Join(dir, name), owner)
		}
	}
}

// give makes a file of root's the owner's. The owner may have put something else in its
// place: a link of either kind would lead to files that are none of ours.
func give(path string, owner *syscall.Stat_t) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if now, known := info.Sys().(*syscall.Stat_t); known && now.Uid == 0 && now.Nlink == 1 {
		_ = file.Chown(int(owner.Uid), int(owner.Gid)) // the owner is told when it fails to open it
	}
}

// unfinished gives the names that files in a directory were to have. See leftovers.
func unfinished(dir string) map[string]bool {
	names := map[string]bool{}
	entries, _ := os.ReadDir(dir) // what cannot be listed cannot be adopted either
	for _, entry := range entries {
		if name, hidden := strings.CutPrefix(entry.Name(), "."); hidden {
			names[strings.TrimRight(name, "0123456789")] = true
		}
	}
	return names
}

// Dir is where the state lives.
func (s *State) Dir() string { return s.dir }

// hold keeps Close waiting until release is called. It is refused once Close was
// called.
func (s *State) hold() (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, errClosing
	}
	s.busy.Add(1)
	return s.busy.Done, nil
}

// Close waits for requests under way that spend a token, a minute or so at most,
// and lets another process in.
func (s *State) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.busy.Wait()
	handBack(s.dir)
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("unlock the state directory: %w", err)
	}
	return nil
}
