package dexcom

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrStateInUse means that another process holds the state directory. Two of them
// would burn each other's single-use refresh tokens.
var ErrStateInUse = errors.New("another dexcom_exporter is using it")

// State is the state directory, held by this process alone until Close.
type State struct {
	dir  string
	lock *flock.Flock
}

// OpenState makes the directory if it is not there, readable for its owner only,
// and takes its lock. The lock ends with the process, however that ends.
func OpenState(dir string) (*State, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	switch taken, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the state directory: %w", err)
	case !taken:
		return nil, fmt.Errorf("lock the state directory %s: %w", dir, ErrStateInUse)
	}
	return &State{dir: dir, lock: lock}, nil
}

// Dir is where the state lives.
func (s *State) Dir() string { return s.dir }

// Close lets another process in.
func (s *State) Close() error {
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("unlock the state directory: %w", err)
	}
	return nil
}
