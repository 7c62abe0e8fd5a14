package config

import (
	"strconv"
	"strings"
	"testing"
)

func TestTabsAreFound(t *testing.T) {
	t.Parallel()
	for text, line := range map[string]int{
		"\taccounts:\n":                                           1,
		"accounts:\n\t- name: alice\n":                            2,
		"accounts:\r\n\t- name: alice\r\n":                        2,
		"accounts:\n\n# a\n\t- name: alice\n":                     4,
		"accounts:\n-\tname: alice\n":                             2,
		"accounts:\n  -\tname: alice\n    share: a\n":             2,
		"accounts:\n  - name: alice\n\tshare: a\n":                3,
		"accounts:\n  - name: alice\n    share:\n\t  region: a\n": 4,
		"accounts:\n  - name: alice\n    share:\n    \tregion: a": 4,
		"poll:\n  mode: scrape\n\n  \n\thistory: 1d\n":            5,
		"poll:\n  mode: scrape\n  \thistory: 1d\n":                3,
		"poll:\n  mode: scrape\n\t# a\n":                          3,
		"state_dir: |\n  a\n\tb\n":                                3,
		"a: b\n---\n\tc: d\n":                                     3,
		"a: 'b'\n\tc: d\n":                                        2,
		"a: {b: c}\n\td: e\n":                                     2,
	} {
		path := write(t, text)
		want := path + ":" + strconv.Itoa(line) + ": YAML does not allow tabs for indentation, use spaces"
		if _, err := Load(path); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestTabsElsewhereAreNotBlamed loads files with a tab that YAML allows, and something else wrong.
func TestTabsElsewhereAreNotBlamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"poll:\tscrape\n": ":1: poll: expected a mapping, got a string",
		"poll: {\n\tmode: a,\n\thistory: 1d}\n" + minimal: ":2: poll.mode: unknown value",
		"poll: {\n\tmode: scrape\n\nhistory: 1d":          ":4: not YAML: did not find expected ',' or '}'",
		"poll: @hunter2\t# a\n":                           ":1: not YAML: found character that cannot start any token",
		"a: b\nc: @hunter2\nd: {\n\te: f}\n":              ":2: not YAML: found character that cannot start any token",
		"a: \"b\n\tc\nd: e\n":                             ":",
		"a: b\u0085c: d\u0085\te: f\n":                    ":",
		"a: b\rc: d\r\te: f\n":                            ":",
		"a:\r\r\r\tb: c\r":                                ":4: not YAML: found character that cannot start any token",
	} {
		path := write(t, text)
		if _, err := Load(path); err == nil || !strings.HasPrefix(err.Error(), path+want) || strings.Contains(err.Error(), "tabs") {
			t.Errorf("%q: got %v, want %s", text, err, path+want)
		}
	}
}

func TestTabsAreTakenWhereYAMLAllowsThem(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(": ", ":\t", "{", "{\n\t\t", ", ", ",\n\t\t").Replace(minimal)
	if got, want := load(t, text), load(t, minimal); got.Accounts[0].Share.Username.Reveal() != want.Accounts[0].Share.Username.Reveal() {
		t.Errorf("got %+v, want %+v", got.Accounts, want.Accounts)
	}
}
