package config

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestPhoneNumbersAreRefusedWithoutTheirForm(t *testing.T) {
	t.Parallel()
	for _, username := range []string{
		"4155550199", "14155550199", "07700900199", "004917019945678", "0049 170 12345678", "415-555-0199", "(415) 555-0199", "415.555.0199",
		"555-0199", "415\u2011555\u20110199", "12 34 56 78", "+1 415 555 0199", "+1-415-555-0199", "+1(415)5550199", " +14155550199", "+14155550199 ",
		"+04155550199", "+0014155550199", "\u202a+14155550199\u202c", "+1\u00a0415\u00a05550199", "+49 (0)170 1234567",
	} {
		_, err := Load(write(t, fmt.Sprintf("accounts: [{name: a, share: {region: us, username: %q, password: p}}]\n", username)))
		if err == nil || !strings.Contains(err.Error(), ".share.username: a phone number, write it as ") || strings.Contains(err.Error(), username) {
			t.Errorf("%q: got %v", username, err)
		}
	}
}

func TestUsernamesAreTaken(t *testing.T) {
	t.Parallel()
	for _, username := range []string{
		"+14155550123", "+4917012345678", "+81312345678", "alice", "alice@example.org", "4155550123@example.org", "+14155550123@example.org",
		"alice+1@example.org", "alice1985", "1985", "19850412", "123456789", "12-34", "a4155550123", "4155550123a", "-", "+", "()", "+alice", "１２３４５６７８９０",
	} {
		c := load(t, fmt.Sprintf("accounts: [{name: a, share: {region: us, username: %q, password: p}}]\n", username))
		if got := c.Accounts[0].Share.Username.Reveal(); got != username {
			t.Errorf("got %q, want %q", got, username)
		}
	}
}

// FuzzMisspeltPhone takes any user name: one that Share can know is never refused, and
// what is refused has the digits of a phone number and no letter.
func FuzzMisspeltPhone(f *testing.F) {
	for _, text := range []string{"", "+", "+14155550123", "0049 170 12345678", "\u202a+14155550199\u202c", "alice@example.org", "１２３４５６７８９０", "+0", "\xff1234567890", "12-34-56-7"} {
		f.Add(text)
	}
	known := regexp.MustCompile(`^\+[1-9]\d*$`)
	f.Fuzz(func(t *testing.T, text string) {
		if !misspeltPhone(text) {
			return
		}
		isLetter := func(r rune) bool { return unicode.IsLetter(r) || r == '@' || r == '_' }
		if known.MatchString(text) || strings.ContainsFunc(text, isLetter) || !strings.ContainsAny(text, "0123456789") {
			t.Errorf("%q is refused", text)
		}
	})
}
