package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is a page for people, with what it fences.
type document struct {
	name   string  // its path in the repository
	blocks []block // the first one fences nothing: it has the words before
}

// block is what stands between two fences.
type block struct {
	language string // as the fence says it; empty where it says none
	line     int    // of the text's begin in the document
	text     string // without the indentation of its fence
	after    string // the words up to the next block
}

// documentation gives the pages whose commands people type.
func documentation(t *testing.T) []document {
	t.Helper()
	pages := []string{"README.md", "CONTRIBUTING.md", "dashboards/README.md"}
	for _, root := range []string{"docs", "alerts", "deploy"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, _ fs.DirEntry, err error) error {
			if filepath.Ext(path) == ".md" {
				pages = append(pages, strings.TrimPrefix(path, "../"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var read []document
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, document{page, blocks(string(text))})
	}
	return read
}

// blocks finds what a text in Markdown fences.
func blocks(text string) (found []block) {
	found = []block{{language: "words"}}
	fence := regexp.MustCompile("^( *)(```+) *([a-z]*)")
	var indentation, closing string
	for i, line := range strings.SplitAfter(text, "\n") {
		last := len(found) - 1
		begins := fence.FindStringSubmatch(line)
		switch {
		case closing == "" && begins != nil:
			indentation, closing = begins[1], begins[2]
			found = append(found, block{language: begins[3], line: i + 2})
		case closing != "" && strings.TrimSpace(line) == closing:
			closing = ""
		case closing != "":
			found[last].text += strings.TrimPrefix(line, indentation)
		default:
			found[last].after += line
		}
	}
	return found
}

// shell tells whether people type what is in the block.
func (b block) shell() bool {
	return slices.Contains([]string{"sh", "shell", "bash", "console"}, b.language)
}

// command is what a person types at once.
type command struct {
	document string
	line     int
	text     string // all of its lines
}

// commands gives what is typed in a block of the document, in its order.
func (d document) commands(b block) (found []command) {
	if !b.shell() {
		return nil
	}
	text := ""
	for i, line := range strings.Split(b.text, "\n") {
		if b.language == "console" {
			typed := false
			if line, typed = strings.CutPrefix(line, "$ "); !typed && text == "" {
				continue // shown, not typed
			}
		}
		if text == "" && (strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")) {
			continue
		}
		text += line
		if strings.HasSuffix(line, "\\") {
			text += "\n"
			continue
		}
		found = append(found, command{d.name, b.line + i, text})
		text = ""
	}
	return found
}

// mentioned gives the commands in the words after a block.
func (d document) mentioned(b block) (found []command) {
	program := regexp.MustCompile(`^(sudo|dexcom_exporter|go|make|docker|kubectl|helm|systemctl|curl|amtool|promtool|ssh|sha256sum|bash|kill|openssl) [^…]+$`)
	for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(b.after, -1) {
		if text := strings.Join(strings.Fields(span[1]), " "); program.MatchString(text) {
			found = append(found, command{d.name, b.line, text})
		}
	}
	return found
}

// all gives every command of the document, in its order.
func (d document) all() (found []command) {
	for _, b := range d.blocks {
		found = append(append(found, d.commands(b)...), d.mentioned(b)...)
	}
	return found
}

// one is the command on a single line, with single spaces and no remark.
func (c command) one() string {
	line := strings.Join(strings.Fields(strings.ReplaceAll(c.text, "\\\n", " ")), " ")
	line, _, _ = strings.Cut(line, " # ")
	return line
}

// promise gives the lines that the document shows as the output of a block's last
// command, and what it says is printed by one of them: words, which may vary as the
// lines may, or a figure.
func (d document) promise(of int) (lines string, words []*regexp.Regexp) {
	b := d.blocks[of]
	if of+1 < len(d.blocks) && slices.Contains([]string{"", "text"}, d.blocks[of+1].language) {
		lines = d.blocks[of+1].text
	}
	if b.language == "console" {
		for line := range strings.Lines(b.text) {
			if !strings.HasPrefix(line, "$ ") {
				lines += line
			}
		}
	}
	for _, match := range regexp.MustCompile("(?:prints|says|must be) (?:`([^`]+)`|(\\d+\\.\\d+) )").FindAllStringSubmatch(b.after, -1) {
		words = append(words, regexp.MustCompile(loosely(match[1])+regexp.QuoteMeta(match[2])))
	}
	return lines, words
}
