package config

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// planted is a password that a person may put on any line, in any form.
const planted = "Hunter2!planted"

// TestFaultsNeverShowValues puts a password, in many forms, in the place of each value of a full file.
func TestFaultsNeverShowValues(t *testing.T) {
	t.Parallel()
	path := write(t, "")
	lines := strings.Split(strings.TrimSpace(readTestdata(t, "full.yaml")), "\n")
	forms := []string{
		"%s", "'%s", `"%s\`, "[%s]", "[[%s]]", "{%s}", "{a: %s}", "{%s: a}", "{password:%s}", "*%s", "&%s", "!%s a", "!!%s",
		"%%%s", "@%s", "`%s`", "|\n%s", "a: %s", "- %s", "%s: a: b", "\t%s", "#%s", "https://%s@a b/", "socks5://%s:a@", "<<: %s",
	}
	for i, line := range lines {
		key, _, _ := strings.Cut(line, ": ")
		for _, form := range forms {
			mutated := slices.Clone(lines)
			mutated[i] = strings.TrimSuffix(key, ":") + ": " + strings.Replace(form, "%s", planted, 1)
			checkFault(t, path, strings.Join(mutated, "\n"))
		}
	}
}

// FuzzLoad loads any text: it must not panic, and a fault must have one line and show nothing that was planted.
func FuzzLoad(f *testing.F) {
	path := write(f, "")
	full := readTestdata(f, "full.yaml")
	for _, seed := range []string{
		"", minimal, full, strings.ReplaceAll(full, "a", planted), "share: " + planted, "a: &a [*a]", "<<: {a: b}",
		"? [a]: b", "--- a\n--- b", "%YAML 1.1\n---\na: b", "\xef\xbb\xbfa: b", "a: !!binary " + planted, "# a\n- # b\n\n# c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFault(t, path, text)
	})
}

// checkFault loads text and, if that fails, checks the error.
func checkFault(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err == nil {
		return
	}
	if c != nil {
		t.Errorf("got a value besides %v", err)
	}
	checkPlace(t, path, text, err)
}

// checkPlace checks the error of a text that does not load: one line that begins with
// the file and a line that it has, and nothing that was planted.
func checkPlace(t *testing.T, path, text string, err error) {
	t.Helper()
	place := regexp.MustCompile("^" + regexp.QuoteMeta(path) + `:([1-9][0-9]*): [^\n]+$`).FindStringSubmatch(err.Error())
	switch {
	case len(text) > maxFileBytes:
	case place == nil:
		t.Errorf("got %q, want one line that begins with file and line, from:\n%s", err, text)
	default:
		if line, err := strconv.Atoi(place[1]); err != nil || line > linesOf(text)+1 {
			t.Errorf("line %s of %d, %v, from:\n%s", place[1], linesOf(text), err, text)
		}
	}
	if shown := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(shown, "Hunter2!") {
		t.Errorf("shows the password: %s\nfrom:\n%s", shown, text)
	}
}

// linesOf counts the lines of a text as YAML does.
func linesOf(text string) int {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return 1 + strings.Count(text, "\n")
}

// TestAliasBombIsHarmless loads files that would grow without bound if aliases were expanded.
func TestAliasBombIsHarmless(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	t.Parallel()
	laughs := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for name := 'b'; name <= 'z'; name++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", name, name, strings.Repeat(fmt.Sprintf("*%c, ", name-1), 9))
	}
	kinds, headers := strings.Repeat("*e, ", 100_000), ""
	for i := range 20_000 {
		headers += fmt.Sprintf("A%d: *e, ", i)
	}
	for name, text := range map[string]string{
		"lists":    laughs + "accounts: *z\n",
		"merges":   "a: &a {}\nb: &b {<<: [" + strings.Repeat("*a, ", 100_000) + "]}\n<<: [*b, *b]\n",
		"accounts": "apps: &e carbs\naccounts: [&a {name: x, events: [" + kinds + "]}, " + strings.Repeat("*a, ", 100_000) + "]\n",
		"headers":  "apps: &e [" + strings.Repeat("a, ", 100_000) + "]\nhttp: {proxy_connect_header: {" + headers + "}}\n",
	} {
		if _, err := Load(write(t, text)); err == nil {
			t.Errorf("%s: loads", name)
		} else if len(err.Error()) > 1000 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}
