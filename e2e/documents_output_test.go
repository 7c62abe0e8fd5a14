package e2e

import (
	"fmt"
	"regexp"
	"strings"
)

// kept tells what of a documented output has not come, and what came beside it. Only
// numbers, times and addresses may be others, but for 0 and 1, which often are no and
// yes; and `…` stands for anything.
func kept(documented, came string, sometimes *regexp.Regexp) error {
	var missing []string
	left := nonEmpty(came)
	for _, line := range nonEmpty(documented) {
		pattern := alike(line)
		found := false
		for i, other := range left {
			if found = pattern.MatchString(other); found {
				left = append(left[:i:i], left[i+1:]...)
				break
			}
		}
		if !found && !sometimes.MatchString(line) {
			missing = append(missing, line)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("it did not print:\n%s\nit printed:\n%s", strings.Join(missing, "\n"), came)
	}
	if len(left) > 0 {
		return fmt.Errorf("the document does not show:\n%s", strings.Join(left, "\n"))
	}
	return nil
}

func nonEmpty(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// alike matches a line like the documented one.
func alike(documented string) *regexp.Regexp {
	return regexp.MustCompile("^" + loosely(strings.TrimSpace(documented)) + "$")
}

// loosely is a pattern for text like it.
func loosely(text string) string {
	varies := regexp.MustCompile(`…|(\d+[dhms])+\b|\d+(\.\d+)?(e[+-]\d+)?`)
	pattern, from := "", 0
	for _, at := range varies.FindAllStringIndex(text, -1) {
		pattern += regexp.QuoteMeta(text[from:at[0]])
		switch value := text[at[0]:at[1]]; {
		case value == "…":
			pattern += ".*"
		case value == "0" || value == "1":
			pattern += value
		case strings.ContainsAny(value, "dhms"):
			pattern += `(\d+[dhms])+`
		default:
			pattern += `\d+(\.\d+)?(e[+-]\d+)?`
		}
		from = at[1]
	}
	return pattern + regexp.QuoteMeta(text[from:])
}
