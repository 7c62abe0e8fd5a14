package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forms are the spellings in which a secret may leave the program: as it is, and as
// encoders write it on its own or in the middle of something else.
func forms(secret string) []string {
	quoted, ascii := strconv.Quote(secret), strconv.QuoteToASCII(secret)
	document, _ := json.Marshal(secret) // a string can be written
	all := []string{
		secret,
		quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], string(document[1 : len(document)-1]),
		url.QueryEscape(secret), url.PathEscape(secret), (&url.URL{Path: secret}).EscapedPath(), html.EscapeString(secret),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
	}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, within64(encoding, secret, before))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// within64 are the characters that base64 has for a secret alone, when the bytes
// before it leave that rest of three.
func within64(encoding *base64.Encoding, secret string, before int) string {
	whole := encoding.EncodeToString(append(make([]byte, before), secret...))
	first := (before*8 + 5) / 6 // those before it hold bits of others
	end := (before + len(secret)) * 8 / 6
	return whole[first:end]
}

// Whatever encoder a program may use, its spelling is among the forms.
func TestFormsOfASecret(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"plain-5ecret", `odd 5ecret"\&<'é%+/?=`, strings.Repeat("0f", 32), "ab cd\tef"} {
		written := map[string]string{
			"fmt %v":   fmt.Sprint(struct{ s string }{secret}),
			"fmt %q":   fmt.Sprintf("%q", secret),
			"fmt %+q":  fmt.Sprintf("%+q", secret),
			"fmt %x":   fmt.Sprintf("%x", "a"+secret+"b"),
			"fmt %X":   fmt.Sprintf("%X", secret),
			"bytes":    fmt.Sprintf("%d", []byte("a"+secret+"b")),
			"query":    url.Values{"a": {"b" + secret + "c"}}.Encode(),
			"path":     (&url.URL{Path: "/a/" + secret + "/b"}).EscapedPath(),
			"userinfo": url.UserPassword("a", secret).String(),
			"HTML":     "<p>" + html.EscapeString(secret) + "</p>",
		}
		document, err := json.Marshal(map[string]string{"a": secret})
		if err != nil {
			t.Fatal(err)
		}
		written["JSON"] = string(document)
		for _, before := range []string{"", "a", "ab", "abc", "user:"} {
			for _, after := range []string{"", "x", "yz"} {
				text := []byte(before + secret + after)
				written["base64 after "+before+" before "+after] = base64.StdEncoding.EncodeToString(text)
				written["base64 for URLs after "+before+" before "+after] = base64.URLEncoding.EncodeToString(text)
			}
		}
		for encoder, text := range written {
			if !slices.ContainsFunc(forms(secret), func(form string) bool { return strings.Contains(text, form) }) {
				t.Errorf("%q by %s is not found in %q", secret, encoder, text)
			}
		}
		for _, form := range forms(secret) {
			if len(form) < len(secret)-3 {
				t.Errorf("%q is too short a form of %q", form, secret)
			}
		}
	}
}
