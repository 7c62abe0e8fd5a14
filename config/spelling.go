package config

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// errCutShort is said of a value of which a # may be meant to be part.
var errCutShort = errors.New("what follows # is a comment: put the value into quotes, or the comment into a line of its own")

// isCutShort tells whether a # ends the value that may be meant to be part of it.
func (v value) isCutShort() bool {
	if v.missing() {
		return v.commented
	}
	return v.node.Style == 0 && v.node.LineComment != ""
}

// written is required for a text that may begin with a #.
func (v value) written() value {
	if v.missing() && v.isCutShort() {
		v.failMissing("%w", errCutShort)
		return v
	}
	return v.required()
}

// unspoilt reads a text that must be exactly what a person means: YAML cuts off what
// follows #, and some editors make curly quotes, which YAML takes for a part of the text.
func (v value) unspoilt() string {
	if !v.missing() && v.isCutShort() {
		v.fail("%w", errCutShort)
		return ""
	}
	return v.straight()
}

// straight reads a text without curly quotes around it. In straight quotes they are meant.
func (v value) straight() string {
	text := v.text("")
	if !v.missing() && v.node.Style == 0 && curlyQuoted(text) {
		v.fail("is in curly quotes, which belong to the value: write straight ones, \" or ', or none")
	}
	return text
}

// curlyQuoted reports whether curly quotes are around text.
func curlyQuoted(text string) bool {
	const curly = "“”„‟‘’‚‛«»"
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(curly, first) && strings.ContainsRune(curly, last)
}
