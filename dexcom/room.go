package dexcom

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// roomBytes is more than any file of ours takes.
const roomBytes = 16 << 10

// room is space on the disk for the next contents of a file, taken before the
// contents are known: a refresh token is spent only when its successor is sure to
// find a place.
type room struct {
	path string
	file *renameio.PendingFile
}

// reserve takes the room, beside the file and on the disk for good.
func reserve(path string) (*room, error) {
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return nil, fmt.Errorf("make room for %s: %w", filepath.Base(path), err)
	}
	_, err = file.Write(bytes.Repeat([]byte{' '}, roomBytes))
	if err := errors.Join(err, file.Sync()); err != nil {
		_ = file.Cleanup() // the error that matters is the one above
		return nil, fmt.Errorf("make room for %s: %w", filepath.Base(path), err)
	}
	return &room{path: path, file: file}, nil
}

// fill replaces the file with the contents, so that a crash at any moment leaves
// the old ones or the new ones, whole: written, synced, renamed, and the rename
// synced. See "All file systems are not created equal", OSDI 2014.
func (r *room) fill(contents []byte) error {
	_, err := r.file.WriteAt(contents, 0)
	if err == nil {
		err = r.file.Truncate(int64(len(contents)))
	}
	if err != nil {
		_ = r.file.Cleanup() // the error that matters is the one above
		return fmt.Errorf("write %s: %w", filepath.Base(r.path), err)
	}
	if err := r.file.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("replace %s: %w", filepath.Base(r.path), err)
	}
	return syncDir(filepath.Dir(r.path))
}

// leave gives the room back.
func (r *room) leave() { _ = r.file.Cleanup() } // nothing of value was in it

// leftovers are the files that were on their way to become this one when the
// program ended.
func leftovers(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil // the file itself could not be read either
	}
	var found []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "."+filepath.Base(path)) {
			found = append(found, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	return found
}

// sweep removes the leftovers once none is worth keeping.
func sweep(path string) {
	for _, left := range leftovers(path) {
		_ = os.Remove(left) // tried again at the next start
	}
}

// syncDir makes renames and removals in a directory outlast a crash.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the state directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the state directory: %w", err)
	}
	return nil
}
