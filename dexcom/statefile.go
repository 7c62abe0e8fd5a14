package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/renameio/v2"
)

// AccountState is what is kept of an account over a restart, beside its grant.
// Dexcom is the database of everything else.
type AccountState struct {
	// Delivered is the time of the newest reading that was counted as an arrival;
	// zero when there was none.
	Delivered time.Time `json:"delivered,omitzero"`
	// Held are the times of readings that had arrived and were not counted yet.
	Held []time.Time `json:"held,omitempty"`
	// Arrived counts readings by the name of their range.
	Arrived map[string]uint64 `json:"arrived,omitempty"`
	// Missed counts those that arrived too late to be replayed.
	Missed uint64 `json:"missed,omitempty"`
	// Newest is the time of the newest reading, counted or not.
	Newest time.Time `json:"newest,omitzero"`
	// Given are the times under which readings of the last day may have left the
	// program, in Unix milliseconds, ascending.
	Given []int64 `json:"given,omitempty"`
	// GivenByAPI are those of them at which the API's value was given away.
	GivenByAPI []int64 `json:"given_by_api,omitempty"`
	// ShareAccount is the hash of the Share account whose readings all this is of.
	ShareAccount string `json:"share_account,omitempty"`
	// Mismatch says that the account's two sources are two people.
	Mismatch bool `json:"mismatch,omitempty"`
	// Share is how the logins to Dexcom Share stand.
	Share ShareState `json:"share,omitzero"`
}

// StateFile is the small file of one account in the state directory. It holds no
// glucose value, and of a password no more than a salted hash. It may be used
// concurrently. The zero value keeps the state in memory.
type StateFile struct {
	dir  *State
	path string

	mu    sync.Mutex // guards what follows, and is held while the file is written
	state AccountState
	login chan struct{} // full while a login of the account is under way
}

// OpenStateFile reads an account's state file. One that is not there is an empty
// state. One that cannot be read, or holds something else, is an error beside a
// StateFile that starts empty and replaces it at the first change: lost with it is
// whether readings of the time before were counted, and whether Dexcom locked the
// account, for which logins to Dexcom Share wait half an hour.
func OpenStateFile(state *State, account string) (*StateFile, error) {
	f := &StateFile{dir: state, path: filepath.Join(state.Dir(), account+".state.json")}
	if state.unfinished[filepath.Base(f.path)] {
		sweep(f.path)
	}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &f.state)
	}
	if err != nil {
		f.state = AccountState{Share: lostShareState(time.Now())}
		return f, fmt.Errorf("read %s: %w: no login to Dexcom Share for %v, in case it is locked", filepath.Base(f.path), err, shortestStop)
	}
	f.state.Share = f.state.Share.restored(time.Now())
	return f, nil
}

// Get gives a copy of the state.
func (f *StateFile) Get() AccountState {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.state
	state.Held, state.Arrived = slices.Clone(state.Held), maps.Clone(state.Arrived)
	state.Given, state.GivenByAPI = slices.Clone(state.Given), slices.Clone(state.GivenByAPI)
	state.Share.Failures, state.Share.Logins = slices.Clone(state.Share.Failures), slices.Clone(state.Share.Logins)
	return state
}

// Update changes the state and writes it durably. When it cannot be written the
// change holds all the same, until the program ends, and the next Update writes it.
func (f *StateFile) Update(change func(*AccountState)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
	if f.path == "" {
		return nil
	}
	text, err := json.Marshal(f.state)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(f.path), err)
	}
	err = renameio.WriteFile(f.path, append(text, '\n'), 0o600, renameio.WithTempDir(filepath.Dir(f.path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(f.path), err)
	}
	return syncDir(filepath.Dir(f.path))
}

// enter waits until no other login of the account is under way. Each is over when
// leave is called.
func (f *StateFile) enter() (leave func()) {
	f.mu.Lock()
	if f.login == nil {
		f.login = make(chan struct{}, 1)
	}
	turn := f.login
	f.mu.Unlock()
	turn <- struct{}{}
	return func() { <-turn }
}

// hold keeps the state directory open until release is called, for a request whose
// outcome has to be written.
func (f *StateFile) hold() (release func(), err error) {
	if f.dir == nil {
		return func() {}, nil
	}
	return f.dir.hold()
}
