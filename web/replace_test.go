package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAPersonBelongsToOneAccount(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		before := h.file(t, "alice")
		expectPage(t, h.link(t, "bob", "alice"), http.StatusConflict,
			"Linking bob did not work", "linked to alice already", "bob has not changed", "private window", "the person whose sensor bob is", `action="/accounts/bob/link"`)
		if h.linked("bob") || h.file(t, "bob") != "" || !h.linked("alice") || len(h.changes()) > 0 {
			t.Error("something has changed")
		}
		// Dexcom ended alice's consent of before with the new one, which must not be lost.
		if h.file(t, "alice") == before {
			t.Error("alice has not the new consent")
		}
		h.mustLink(t, "bob", "bob")
	})
}

func TestAnotherPerson(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(t *testing.T, h *home, asked string)
		person string // whom alice's account belongs to in the end
	}{
		"replaced": {func(t *testing.T, h *home, asked string) {
			expectPage(t, h.replace("alice", asked), http.StatusOK, "alice is linked")
			if !slices.Equal(h.changes(), []string{"alice"}) {
				t.Errorf("changed: %v", h.changes())
			}
			expectPage(t, h.replace("alice", asked), http.StatusConflict, "Nothing to confirm for alice", "it was confirmed already", "The status shows")
		}, "carol"},
		"kept": {func(t *testing.T, h *home, _ string) { page(t, h.handler) }, "alice"},
		"looked at": {func(t *testing.T, h *home, _ string) {
			if answer := h.ask("GET", "/accounts/alice/link/confirm"); answer.Code != http.StatusMethodNotAllowed {
				t.Errorf("status %d", answer.Code)
			}
		}, "alice"},
		"confirmed for another account": {func(t *testing.T, h *home, asked string) {
			expectPage(t, h.replace("bob", asked), http.StatusConflict, "does not wait for bob any more")
		}, "alice"},
		"confirmed too late": {func(t *testing.T, h *home, asked string) {
			time.Sleep(10*time.Minute + time.Second)
			expectPage(t, h.replace("alice", asked), http.StatusConflict, "does not wait for alice any more")
		}, "alice"},
		"confirmed without the question": {func(t *testing.T, h *home, _ string) {
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm"), http.StatusConflict, "Nothing to confirm for alice")
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm?replacement=x"), http.StatusConflict, "Nothing to confirm for alice")
			expectPage(t, h.replace("alice", strings.Repeat("x", 1<<20)), http.StatusConflict, "Nothing to confirm for alice")
		}, "alice"},
		"confirmed after a restart": {func(t *testing.T, h *home, asked string) {
			h.restart(t)
			expectPage(t, h.replace("alice", asked), http.StatusConflict, "does not wait for alice any more")
		}, "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				h.mustLink(t, "alice", "alice")
				before := h.file(t, "alice")
				page := h.link(t, "alice", "carol")
				expectPage(t, page, http.StatusOK, "Another person for alice?", "are forgotten here",
					`<form method="post" action="/accounts/alice/link/confirm">`, `<a href="/">Keep the person of alice</a>`, "private window", "Nothing has changed yet")
				if h.file(t, "alice") != before || len(h.changes()) > 0 {
					t.Error("it did not wait for the answer")
				}
				test.answer(t, h, replacementOn(t, page.Body.String()))
				if !h.linked("alice") || !h.alive(t, "alice", test.person) {
					t.Errorf("alice's account does not belong to %s", test.person)
				}
				if test.person == "alice" && (h.file(t, "alice") != before || len(h.changes()) > 0) {
					t.Error("something has changed")
				}
			})
		})
	}
}

// replacementOn is what the form of the question about another person sends.
func replacementOn(t *testing.T, page string) string {
	t.Helper()
	found := regexp.MustCompile(`<input type="hidden" name="replacement" value="([^"]{20,})"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no question about another person:\n%s", page)
	}
	return found[1]
}

// replace presses the button of the question about another person.
func (h *home) replace(account, replacement string) *httptest.ResponseRecorder {
	form := strings.NewReader(url.Values{"replacement": {replacement}}.Encode())
	request := httptest.NewRequest(http.MethodPost, "/accounts/"+account+"/link/confirm", form)
	request.Host = "localhost:10180"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	h.handler.ServeHTTP(answer, request)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, answer.Body.String())
	return answer
}

// find links an account to another person than before, and gives the address and
// the question.
func (h *home) find(t *testing.T, account, person string) (callback, replacement string) {
	t.Helper()
	callback = h.decide(t, h.press(t, account), person, true)
	answer := h.ask("GET", callback)
	expectPage(t, answer, http.StatusOK, "Another person for "+account+"?")
	return callback, replacementOn(t, answer.Body.String())
}

// An old question links only the person whom it was about, and nobody once the
// account was linked or unlinked.
func TestOldQuestions(t *testing.T) {
	const over = "does not wait for alice any more"
	for name, test := range map[string]func(*testing.T, *home){
		"two windows, the first is confirmed": func(t *testing.T, h *home) {
			_, bob := h.find(t, "alice", "bob")
			_, carol := h.find(t, "alice", "carol")
			expectPage(t, h.replace("alice", bob), http.StatusOK, "alice is linked")
			expectPage(t, h.replace("alice", carol), http.StatusConflict, over)
			if !h.alive(t, "alice", "bob") || h.alive(t, "alice", "carol") {
				t.Error("somebody is linked who was not asked about")
			}
		},
		"the right person was linked": func(t *testing.T, h *home) {
			_, bob := h.find(t, "alice", "bob")
			h.mustLink(t, "alice", "alice")
			expectPage(t, h.replace("alice", bob), http.StatusConflict, over, "linked or unlinked alice since")
			if !h.alive(t, "alice", "alice") {
				t.Error("alice's account is not hers")
			}
		},
		"unlinked": func(t *testing.T, h *home) {
			callback, carol := h.find(t, "alice", "carol")
			h.ask("POST", "/accounts/alice/unlink")
			answer := h.replace("alice", carol)
			expectPage(t, answer, http.StatusConflict, over)
			if h.linked("alice") || h.file(t, "alice") != "" {
				t.Error("alice is linked again")
			}
			expectPage(t, h.ask("GET", callback), http.StatusOK, "This answer was dealt with before", "alice is not linked now.", `action="/accounts/alice/link"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				h.mustLink(t, "alice", "alice")
				test(t, h)
			})
		})
	}
}

func TestTheSamePersonNeedsNoConfirmation(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(300 * 24 * time.Hour)
		h.mustLink(t, "alice", "alice")
		if len(h.changes()) > 0 || time.Since(h.grant("alice").Consented) > time.Minute {
			t.Errorf("changed: %v, consented %v", h.changes(), h.grant("alice").Consented)
		}
	})
}

// FuzzConfirmation sends any form for any account while another person waits to be
// confirmed: without what the question had in it nothing changes, and no page shows
// what was sent as it was.
func FuzzConfirmation(f *testing.F) {
	for _, body := range []string{
		"", "replacement=", "replacement=x&replacement=y", "replacement=%zz", "replacement=<script>alert(1)</script>", "a;b", "replacement\x00=1", strings.Repeat("&", 5000), "\xff=\xff",
	} {
		f.Add("alice", "application/x-www-form-urlencoded", body)
		f.Add("<script>alert(1)</script>", "multipart/form-data; boundary=a", "--a\r\n"+body)
	}
	for _, name := range []string{"", "..", "a/b", "bob", "unlinkable", "%2e%2e", "alice\x00", "\xff", "'\"><b onload=1>"} {
		f.Add(name, "text/plain", "replacement=x")
	}
	f.Fuzz(func(t *testing.T, name, media, body string) {
		h := newHome(t, testRedirect)
		h.mustLink(t, "alice", "alice")
		h.find(t, "alice", "carol")
		before := h.file(t, "alice")
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		request.URL.Path, request.Host = "/accounts/"+name+"/link/confirm", "localhost"
		request.Header.Set("Content-Type", media)
		answer := httptest.NewRecorder()
		h.handler.ServeHTTP(answer, request)
		if answer.Code < 300 || answer.Code >= 500 || h.file(t, "alice") != before || h.linked("bob") || len(h.changes()) > 0 {
			t.Errorf("%q %q %q: status %d, changed %v", name, media, body, answer.Code, h.changes())
		}
		for _, sent := range []string{name, body} {
			if strings.Contains(sent, "<") && len(sent) > 10 && strings.Contains(answer.Body.String(), sent) {
				t.Errorf("%q is in the page:\n%s", sent, answer.Body)
			}
		}
	})
}
