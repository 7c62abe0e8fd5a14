package config

import (
	"path/filepath"
	"testing"
)

func TestStateDirLooksAtNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		minimal:                              "data",
		"state_dir: a/b\naccounts: broken\n": "a/b",
		"state_dir: /var/lib/a\nunknown: b":  "/var/lib/a",
		"state_dir: ~\n":                     "data",
	} {
		path := write(t, text)
		if !filepath.IsAbs(want) {
			want = filepath.Join(filepath.Dir(path), want)
		}
		if got, err := StateDir(path); got != want || err != nil {
			t.Errorf("%q: got %q and %v, want %q", text, got, err, want)
		}
	}
}

func TestStateDirRefusesBadFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                "1: is empty, copy config.example.yaml to start from",
		"state_dir: [a]":  "1: state_dir: expected a string, got a list",
		"state_dir: ''":   "1: state_dir: is empty, fill it in",
		"- state_dir: a":  "1: expected a mapping, got a list",
		"a: b\na: c\n":    "2: a: doubled key, remove it here or on line 1",
		"state_dir: {a\n": "2: not YAML: did not find expected ',' or '}', check the indentation and put texts with special characters in quotes",
	} {
		path := write(t, text)
		if got, err := StateDir(path); got != "" || err == nil || err.Error() != path+":"+want {
			t.Errorf("%q: got %q and %v, want %s", text, got, err, want)
		}
	}
}
