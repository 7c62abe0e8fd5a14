package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A runner of documents that overlooks a command would say that all is well.
func TestDocumentsAreRead(t *testing.T) {
	t.Parallel()
	d := document{"page.md", blocks(strings.ReplaceAll(`Type 'make one' or 'two' or 'dexcom_exporter
three', not 'make …'.

1. A list:

   '''sh
   # a remark
   four  --flag \
     --more # why

   five <<-END
   '''

   prints 'fifth 5', and says 1.1 of 10.

'''text
output
'''

'''console
$ six
shown
$ seven
'''
'''yaml
- make eight
'''
`, "'", "`"))}
	var got []string
	for _, c := range d.all() {
		got = append(got, c.one())
	}
	want := []string{"make one", "dexcom_exporter three", "four --flag --more", "five <<-END", "six", "seven"}
	if !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
	lines, words := d.promise(1)
	if lines != "output\n" || len(words) != 2 || !words[0].MatchString("fifth 6") || words[0].MatchString("5") {
		t.Errorf("promised %q and %v", lines, words)
	}
	if len(words) == 2 && (!words[1].MatchString("level: 1.1 OK") || words[1].MatchString("level: 1.2 OK")) {
		t.Errorf("promised %v", words[1])
	}
	if lines, _ := d.promise(3); lines != "shown\n" {
		t.Errorf("the console promises %q", lines)
	}
}

func TestDocumentedOutputIsCompared(t *testing.T) {
	t.Parallel()
	never, gina := regexp.MustCompile(`^$`), regexp.MustCompile(`gina`)
	for _, test := range []struct {
		documented, came string
		sometimes        *regexp.Regexp
		kept             bool
	}{
		{"a 2\n", "a 23.5e+09\n", never, true},
		{"a 1\n", "a 0\n", never, false},
		{"2 min ago, within 2m10s: …\n", "13 min ago, within 20s: whatever\n", never, true},
		{"a 3\nb 3\n", "b 2\na 2\n", never, true},
		{"a 3\ngina 3\n", "a 2\n", gina, true},
		{"a 3\ngina 3\n", "a 2\n", never, false},
		{"a 3\n", "a 2\nb 2\n", never, false},
		{"a 3\n", "a one\n", never, false},
		{"a 1\na 1\n", "a 1\n", never, false},
		{"a(1)\n", "a1\n", never, false},
		{"a 1\n", "", never, false},
	} {
		if err := kept(test.documented, test.came, test.sometimes); (err == nil) != test.kept {
			t.Errorf("%q for %q: %v", test.came, test.documented, err)
		}
	}
}
