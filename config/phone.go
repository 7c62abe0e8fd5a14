package config

import (
	"strings"
	"unicode"
)

// shareUsername reads the user name of Dexcom Share: an e-mail address, a name, or a phone number. Share knows a phone
// number as + and digits with the country code, and answers to others as to a wrong password (only clients know it).
func (v value) shareUsername() Secret {
	text := v.written().straight()
	if misspeltPhone(text) {
		v.fail("a phone number, write it as + and its country code, without spaces and the like, as in +14155550123")
	}
	return NewSecret(text)
}

// misspeltPhone reports whether text can only be a phone number, but not as Share knows it.
func misspeltPhone(text string) bool {
	number := strings.Map(func(r rune) rune {
		// Address books put invisible characters around the numbers that people copy: unicode.Cf.
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Pd) || strings.ContainsRune("./()", r) {
			return -1
		}
		return r
	}, text)
	digits, international := strings.CutPrefix(number, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	if international {
		return number != text || digits[0] == '0'
	}
	// A name may happen to be a few digits, such as a date of birth: those are left alone.
	return len(digits) >= 10 || number != text && len(digits) >= 7
}
