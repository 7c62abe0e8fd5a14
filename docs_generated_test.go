package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// generated keeps the part of a page that follows from the program: what stands
// between <!-- begin NAME --> and <!-- end NAME -->. With UPDATE=1 it is written.
type generated struct {
	page  string
	parts map[string]string // by name
}

func (g generated) check(t *testing.T) {
	t.Helper()
	text := read(t, g.page)
	for name, want := range g.parts {
		begin, end := "<!-- begin "+name+" -->\n\n", "\n<!-- end "+name+" -->"
		before, rest, began := strings.Cut(text, begin)
		got, after, ended := strings.Cut(rest, end)
		switch {
		case !began || !ended:
			t.Errorf("%s has no part %s", g.page, name)
		case got != want && os.Getenv("UPDATE") == "":
			t.Errorf("%s: the part %s is not current, UPDATE=1 writes it; it is\n%s\nwant\n%s", g.page, name, got, want)
		default:
			text = before + begin + want + end + after
		}
	}
	for _, mark := range regexp.MustCompile(`<!-- begin (\S+) -->`).FindAllStringSubmatch(text, -1) {
		if _, known := g.parts[mark[1]]; !known {
			t.Errorf("%s has a part %s, which nothing makes", g.page, mark[1])
		}
	}
	if os.Getenv("UPDATE") != "" && !t.Failed() {
		if err := os.WriteFile(g.page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// table writes a table of Markdown.
func table(head []string, rows [][]string) string {
	var text strings.Builder
	line := func(cells []string) {
		text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line(head)
	text.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return text.String()
}

// code is a text as Markdown shows code, nothing where there is none.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
