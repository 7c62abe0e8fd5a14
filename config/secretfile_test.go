package config

import (
	"slices"
	"strings"
	"testing"
)

func TestSecretFileLosesWhatEditorsAdd(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"secret-us": "us secret", "alice.pw": "hunter2", "mark.pw": "hunter2", "header": "from a file"} {
		c := load(t, strings.Replace(minimal, "password: hunter2", "password_file: "+file, 1))
		if got := c.Accounts[0].Share.Password.Reveal(); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func TestSoleSecretTakesOne(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hunter2": "hunter2", "hunter2\n": "hunter2", "hunter2\r\n": "hunter2", "hunter2\r": "hunter2",
		"\ufeffhunter2": "hunter2", "\ufeffhunter2\r\n": "hunter2",
		"“a": "“a", "a”": "a”", "a“b”c": "a“b”c",
		"correct horse": "correct horse", "päss#'\"wörd: *&!": "päss#'\"wörd: *&!", "12345678": "12345678",
	} {
		if got, err := soleSecret(text); got != want || err != nil {
			t.Errorf("%q: got %q and %v, want %q", text, got, err, want)
		}
	}
}

func TestSoleSecretRefusesOthers(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][]string{
		"the file is empty, ":         {"", "\n", "\r\n", "\ufeff", "\ufeff\n", " ", "\t\n", "\n\n\n"},
		"the file has several lines ": {"a\nb", "a\nb\n", "a\rb", "a\n\n", "a\r\n\r\n", "a\r\r\n", "\na", "# password\na\n", "a\n\r", "a\n ", "a\n\x01"},
		"the file has white space ":   {" a", "a ", "\ta\n", "a\t\r\n", "a\u00a0", "\ufeff a", "\u2003a\n", "a\v"},
		"the file has curly quotes ":  {"“a”", "‘a’\n", "„a“\r\n", "\ufeff“a”", "“”"},
		"the file has a control ":     {"a\tb", "a\ufeffb", "\ufeff\ufeffa\n", "\x1b[200~a\x1b[201~", "a\x7f", "\x01"},
		"the file is not text ":       {"a\x00", "\x00", "\xff\xfea\x00b\x00\n\x00", "\xfe\xff\x00a", "a\x00b\x00", "p\xe4ss", "\x00\n\n"},
	} {
		for _, text := range texts {
			if got, err := soleSecret(text); got != "" || err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%q: got %q and %v, want %s…", text, got, err, want)
			}
		}
	}
}

// FuzzSoleSecret reads any file: what it takes is the text but for a mark and a line end, and reads the same again.
func FuzzSoleSecret(f *testing.F) {
	for _, seed := range []string{"", planted, planted + "\r\n", "\ufeff" + planted, " " + planted, planted + "\n" + planted, planted + "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := soleSecret(text)
		if err != nil {
			if got != "" || strings.Contains(err.Error(), "Hunter2!") {
				t.Errorf("%q: got %q besides %v", text, got, err)
			}
			return
		}
		end, ok := strings.CutPrefix(strings.TrimPrefix(text, "\ufeff"), got)
		if !ok || got == "" || !slices.Contains([]string{"", "\n", "\r\n", "\r"}, end) {
			t.Errorf("%q: got %q", text, got)
		}
		if again, err := soleSecret(got); again != got || err != nil {
			t.Errorf("%q: read again as %q and %v", got, again, err)
		}
	})
}
