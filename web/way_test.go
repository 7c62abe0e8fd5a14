package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whoever reads mmol/L goes on in it from each page about linking.
func TestTheUnitIsKept(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		const inMmol = "?unit=mmol%2FL"
		expect := func(answer *httptest.ResponseRecorder, words ...string) {
			t.Helper()
			for _, want := range append(words, `<a href="/?unit=mmol%2FL">`) {
				if !strings.Contains(answer.Body.String(), want) {
					t.Errorf("no %s in\n%s", want, answer.Body)
				}
			}
			expectNot(t, answer, `href="/"`, `link"`, `confirm"`, `unlink"`)
		}
		expect(h.ask("GET", "/accounts/nobody/unlink"+inMmol), "No such account")
		expect(h.ask("GET", "/oauth/callback"+inMmol), "Nothing was linked")
		expect(h.ask("GET", "/accounts/alice/unlink"+inMmol), `action="/accounts/alice/link?unit=mmol%2FL"`)
		h.mustLink(t, "alice", "alice")
		expect(h.ask("GET", "/accounts/alice/unlink"+inMmol), `action="/accounts/alice/unlink?unit=mmol%2FL"`)
		callback := h.decide(t, h.press(t, "alice"), "carol", true)
		expect(h.ask("GET", callback+"&unit=mmol/L"), `action="/accounts/alice/link/confirm?unit=mmol%2FL"`)
		expect(h.ask("POST", "/accounts/alice/link/confirm"+inMmol), `action="/accounts/alice/link?unit=mmol%2FL"`)
		expect(h.ask("POST", "/accounts/alice/unlink"+inMmol), "alice is unlinked")
		if answer := h.ask("POST", "/accounts/alice/link"+inMmol); answer.Code != http.StatusSeeOther {
			t.Errorf("the button: status %d", answer.Code)
		}
	})
}

// The plain unit and one that does not exist leave the addresses as they are.
func TestTheUnitThatIsNone(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		for _, query := range []string{"", "?unit=", "?unit=mg/dL", "?unit=%3Cscript%3E", "?unit=mmol%2Fl", "?unit", "?%zz"} {
			answer := h.ask("GET", "/accounts/alice/unlink"+query)
			expectPage(t, answer, http.StatusOK, `<a href="/">`, `action="/accounts/alice/link"`)
			expectNot(t, answer, "unit=", "script")
		}
	})
}
