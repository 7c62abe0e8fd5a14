package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestExistingShowsOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := filepath.Dir(write(t, ""))
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                    "",
		"alice.pw":            "alice.pw",
		"link.pw":             "link.pw",
		"Hunter2":             "",
		"a/b/../Hunter2":      "",
		"Hunter2/alice.pw":    "",
		"secrets":             "secrets",
		"secrets/Hunter2":     "secrets",
		"secrets/a/Hunter2":   "secrets",
		"alice.pw/Hunter2":    "alice.pw",
		"link.pw/Hunter2":     "link.pw",
		"secrets/Hun\x00ter2": "secrets",
		"secrets/Hun\nter2":   "secrets",
	} {
		if got, want := existing(filepath.Join(dir, path)), filepath.Join(dir, want); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
	if got := existing("/Hunter2/a"); got != "/" {
		t.Errorf("got %s, want /", got)
	}
}

// TestUnreadableFilesAreNamedFromTheRoot loads a configuration by a relative path: a lone dot would help nobody.
func TestUnreadableFilesAreNamedFromTheRoot(t *testing.T) {
	dir := filepath.Dir(write(t, password("Hunter2")))
	t.Chdir(dir)
	_, err := Load("config.yaml")
	const want = "config.yaml:6: accounts[0].share.password_file: read the file: no such file or directory, looked in "
	if err == nil || err.Error() != want+dir+", write that file first, or correct the path" {
		t.Errorf("got %v", err)
	}
}
