package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// filename reads the path of a file, made relative to the file being read unless it is absolute.
func (v value) filename(fallback string) string {
	name := v.text(fallback)
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(v.doc.file), name)
}

// failFile reports that the file whose path is at v is unreadable. Of the path it shows only the part that exists: the
// rest may be a password on the wrong line.
func (v value) failFile(err error) {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	path := absolute(v.filename(""))
	remedy := "correct the path or the file"
	if errors.Is(err, fs.ErrNotExist) {
		remedy = "write that file first, or correct the path"
	}
	switch part := existing(path); part {
	case path:
		v.fail("read %s: %w, correct the path or the file", part, err)
	case filepath.Dir(path):
		v.fail("read the file: %w, looked in %s, %s", err, part, remedy)
	default:
		v.fail("read the file: %w, only %s of its path exists, %s", err, part, remedy)
	}
}

// absolute returns path made absolute, or as it is where the working directory is gone.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// existing returns the longest part of path that exists, as far as the program may look.
func existing(path string) string {
	for parent := filepath.Dir(path); parent != path; parent = filepath.Dir(path) {
		// A link that leads nowhere is there too, and worth showing.
		if _, err := os.Lstat(path); err == nil {
			break
		}
		path = parent
	}
	return path
}

// errTooLarge says that a file is larger than anything it is meant to hold.
var errTooLarge = errors.New("file too large")

// readFile returns the contents of the file at path, which may have at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errTooLarge}
	}
	return text, nil
}
