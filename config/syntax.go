package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// failSyntax reports an error of the YAML parser.
func (v value) failSyntax(text []byte, err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	// An unquoted *password looks like an alias, and the parser would print it, without a line.
	if name, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		before, _, _ := bytes.Cut(text, []byte("*"+name))
		v.line = 1 + bytes.Count(before, []byte("\n"))
		v.fail("an alias (*) has no anchor (&), put the text in quotes if it only begins with *")
		return
	}
	if _, scanErr := fmt.Sscanf(message, "line %d:", &v.line); scanErr == nil {
		_, message, _ = strings.Cut(message, ": ")
		if countsFromZero(message) {
			v.line++
		}
	}
	if line, ok := tabbedLine(text, v.line, message); ok {
		v.line = line
		v.fail("YAML does not allow tabs for indentation, use spaces")
		return
	}
	v.fail("not YAML: %s, check the indentation and put texts with special characters in quotes", message)
}

// countsFromZero reports whether a message of yaml.v3 is about its grammar: these have lines that count from zero, those
// about characters count from one.
func countsFromZero(message string) bool {
	wanted, ok := strings.CutPrefix(message, "did not find expected ")
	return ok && slices.Contains([]string{"key", "node content", "'-' indicator", "',' or '}'", "',' or ']'", "<document start>"}, wanted)
}

// tabbedLine returns the line whose tab made yaml.v3 say message about line, and whether it was a tab.
func tabbedLine(text []byte, line int, message string) (int, bool) {
	lines := bytes.Split(text, []byte("\n"))
	if line > len(lines) { // YAML knows more line ends than this
		return 0, false
	}
	lines = lines[line-1:]
	switch {
	case strings.HasPrefix(message, "found a tab character"):
		// The message is about the text before the tab, which may have begun lines earlier.
	case message == "found character that cannot start any token":
		lines = lines[:1]
	default:
		return 0, false
	}
	i := slices.IndexFunc(lines, indentedByTab)
	return line + i, i >= 0
}

// indentedByTab reports whether a tab comes before the first word of a line; a hyphen belongs to the indentation.
func indentedByTab(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, " -"), []byte("\t"))
}
