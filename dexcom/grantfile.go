package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// storedGrant is the grant file, field by field. It is never printed.
type storedGrant struct {
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	Expiry       time.Time `json:"access_token_expiry"`
	// Consented is when the person consented: Dexcom ends that after a year.
	Consented time.Time `json:"consented"`
	// Saved is when these tokens were written.
	Saved time.Time `json:"saved"`
	// User is a hash of Dexcom's name of the person; empty with version 2, which
	// names nobody.
	User string `json:"user_hash,omitempty"`
}

// Format keeps the tokens out of every verb.
func (s *storedGrant) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<grant>") }

// errNoGrantInFile is a file that holds something else than a grant.
var errNoGrantInFile = errors.New("no grant in it")

func parseGrant(text []byte) (*storedGrant, error) {
	stored := &storedGrant{}
	if err := json.Unmarshal(text, stored); err != nil || stored.RefreshToken == "" {
		return nil, errNoGrantInFile // the parser's own error may quote a token
	}
	if stored.Saved.Year() > 9998 { // what is saved after it could not be written
		stored.Saved = time.Time{}
	}
	return stored, nil
}

// grantFile is where one account's grant is kept.
type grantFile struct {
	path string
	// whole says that no crash left anything of the file.
	whole bool
}

// peek reads the grant and touches nothing. It is nil when there is none.
func (f grantFile) peek() (*storedGrant, error) {
	text, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // no grant is no error
	case err != nil:
		return nil, fmt.Errorf("read the grant: %w", err)
	}
	return parseGrant(text)
}

// load reads the grant at the start, when nobody writes it. It is nil when there
// is none. A file that holds no grant
// is kept aside under another name, for a person to look at, and its new name is
// in the error, which wraps errNoGrantInFile.
func (f grantFile) load() (*storedGrant, error) {
	stored, err := f.peek()
	if err != nil && !errors.Is(err, errNoGrantInFile) {
		return nil, err
	}
	unreadable := err
	stored, err = f.adopt(stored)
	if stored != nil || err != nil || unreadable == nil {
		return stored, err
	}
	aside := fmt.Sprintf("%s.unreadable-%d", f.path, time.Now().UnixNano())
	if err := errors.Join(os.Rename(f.path, aside), syncDir(filepath.Dir(f.path))); err != nil {
		return nil, fmt.Errorf("keep the unreadable grant aside: %w", err)
	}
	return nil, fmt.Errorf("kept %s aside as %s: %w", filepath.Base(f.path), filepath.Base(aside), unreadable)
}

// adopt takes a newer grant from a file that a crash left between its writing and
// its renaming: the token in the old one is spent by then.
func (f grantFile) adopt(stored *storedGrant) (*storedGrant, error) {
	if f.whole {
		return stored, nil
	}
	for _, left := range leftovers(f.path) {
		text, err := os.ReadFile(left)
		if err != nil {
			return nil, fmt.Errorf("read what a crash left of the grant: %w", err)
		}
		newer, err := parseGrant(text)
		if err != nil || stored != nil && !newer.Saved.After(stored.Saved) {
			continue // room that was never filled, or older
		}
		if err := errors.Join(os.Rename(left, f.path), syncDir(filepath.Dir(f.path))); err != nil {
			return nil, fmt.Errorf("adopt what a crash left of the grant: %w", err)
		}
		stored = newer
	}
	sweep(f.path)
	return stored, nil
}

// remove forgets the grant for good.
func (f grantFile) remove() error {
	sweep(f.path)
	err := os.Remove(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err := errors.Join(err, syncDir(filepath.Dir(f.path))); err != nil {
		return fmt.Errorf("remove the grant: %w", err)
	}
	return nil
}
