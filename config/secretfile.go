package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxSecretBytes is far above any password, and small enough for a path that leads to a device.
const maxSecretBytes = 64 << 10

// secret reads the secret at key, or out of the file that key_file names; exactly one of them must be there.
func (m *mapping) secret(key string) Secret {
	inline, file := m.get(key), m.get(key+"_file")
	switch {
	case inline.missing() && file.missing():
		inline.failMissing("is missing, add %s or %s_file", key, key)
	case !inline.missing() && !file.missing():
		file.fail("%s is given too, remove one of them", key)
	case file.missing():
		return NewSecret(inline.required().text(""))
	default:
		return NewSecret(file.contents())
	}
	return Secret{}
}

// filename reads the path of a file, made relative to the file being read unless it is absolute.
func (v value) filename(fallback string) string {
	name := v.text(fallback)
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(v.doc.file), name)
}

// contents reads the file whose path is at v, less one newline at its end.
func (v value) contents() string {
	name := v.required().filename("")
	if name == "" {
		return ""
	}
	text, err := readFile(name, maxSecretBytes)
	if err != nil {
		v.failFile(err)
		return ""
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if secret == "" {
		v.fail("the file is empty, put the secret into it")
	}
	return secret
}

// failFile reports that a file is unreadable, without its path: that may be a password on the wrong line.
func (v value) failFile(err error) {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	v.fail("read the file: %w, correct the path or the file", err)
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
