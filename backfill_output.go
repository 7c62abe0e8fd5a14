package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// output is a file that is there whole or not at all, or standard output.
type output struct {
	*bufio.Writer

	file *renameio.PendingFile // nil: standard output
	dir  string                // for what waits
}

func openOutput(path string, stdout io.Writer) (*output, error) {
	const buffer = 64 << 10
	if path == standardOutput {
		return &output{Writer: bufio.NewWriterSize(stdout, buffer), dir: os.TempDir()}, nil
	}
	if path == "" {
		return nil, errors.New("name a file, or - for standard output")
	}
	switch there, err := os.Lstat(path); {
	case err == nil && !there.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: name another one, or - for standard output", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	dir := filepath.Dir(path)
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return nil, fmt.Errorf("cannot write into %s: %w", dir, err)
	}
	return &output{Writer: bufio.NewWriterSize(file, buffer), file: file, dir: dir}, nil
}

// spool gives a file without a name, for what comes later in the output. It ends
// when it is closed, or with the process.
func (o *output) spool() (*os.File, error) {
	file, err := os.CreateTemp(o.dir, ".backfill-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close() // the error that matters is the one above
		return nil, fmt.Errorf("hide a temporary file: %w", err)
	}
	return file, nil
}

// keep writes everything durably: a file has its name from now on.
func (o *output) keep() error {
	err := o.Flush()
	if err != nil || o.file == nil {
		return err
	}
	if err := o.file.CloseAtomicallyReplace(); err != nil {
		return err
	}
	dir, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// drop removes a file that was not kept.
func (o *output) drop() {
	if o.file != nil {
		_ = o.file.Cleanup() // nothing once it was kept
	}
}
