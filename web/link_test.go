package web

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLinkOnceAndRestart(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		first := h.grant("alice")
		h.restart(t)
		if again := h.grant("alice"); !again.Linked || !again.Persisted ||
			!again.Consented.Equal(first.Consented) || !again.AccessExpiry.Equal(first.AccessExpiry) {
			t.Errorf("after a restart: %+v, before: %+v", again, first)
		}
		go h.collector.Run(t.Context())
		synctest.Wait()
		expectCard(t, h.handler, "unlinkable", "No source", "No reading yet")
		expectCard(t, h.handler, "alice", "Official API: connected", "mg/dL")
		expectCard(t, h.handler, "bob", "To be linked", "No reading yet", "Official API: consent needed")
		if n := len(h.collector.Readings("alice", time.Time{}, time.Now())); n < 200 {
			t.Errorf("%d readings", n)
		}
		if len(h.changes()) > 0 {
			t.Errorf("changed: %v", h.changes())
		}
	})
}

func TestTheButtonLeadsToDexcom(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		answer := h.ask("POST", "/accounts/alice/link")
		address, err := url.Parse(answer.Header().Get("Location"))
		if err != nil || answer.Code != http.StatusSeeOther || answer.Body.Len() > 0 ||
			address.Host != "dexcom.test" || address.Path != "/v3/oauth2/login" || address.Query().Get("redirect_uri") != testRedirect {
			t.Errorf("status %d, leads to %q, %v: %s", answer.Code, address, err, answer.Body)
		}
		expectProtected(t, answer)
		if once := h.press(t, "alice"); once == h.press(t, "alice") {
			t.Error("the same state twice")
		}
	})
}

// Nobody waits for the next try of an account that failed for want of consent, and
// who leaves takes the readings along.
func TestReadingsComeAndGoWithThePerson(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		go h.collector.Run(t.Context())
		time.Sleep(24*time.Hour + time.Minute)
		expect := func(when string, some bool) {
			t.Helper()
			synctest.Wait()
			if n := len(h.collector.Readings("alice", time.Time{}, time.Now())); (n > 200) != some || n > 0 != some {
				t.Errorf("%s: %d readings", when, n)
			}
		}
		expect("not linked", false)
		h.mustLink(t, "alice", "alice")
		expect("linked", true)
		h.link(t, "alice", "carol")
		expect("not confirmed", true)
		h.ask("POST", "/accounts/alice/unlink")
		expect("unlinked", false)
		h.link(t, "alice", "carol")
		expect("linked to another", true)
		h.replace("alice", replacementOn(t, h.link(t, "alice", "alice").Body.String()))
		expect("linked to the first again", true)
	})
}

// Two accounts, each with two logins under way, one left open.
func TestLinkingsDoNotMix(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		first, second, third := h.press(t, "alice"), h.press(t, "bob"), h.press(t, "alice")
		expectPage(t, h.ask("GET", h.decide(t, second, "bob", true)), http.StatusOK, "bob is linked")
		expectPage(t, h.ask("GET", h.decide(t, third, "alice", true)), http.StatusOK, "alice is linked")
		expectPage(t, h.ask("GET", h.decide(t, first, "alice", true)), http.StatusOK, "alice is linked")
		if !h.alive(t, "alice", "alice") || !h.alive(t, "bob", "bob") {
			t.Error("a grant is dead")
		}
	})
}

// A grant that has no room on the disk is used all the same, and the page says so.
func TestAGrantThatCannotBeSaved(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		away := h.state.Dir() + "-away"
		if err := os.Rename(h.state.Dir(), away); err != nil {
			t.Fatal(err)
		}
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		expectPage(t, h.ask("GET", callback), http.StatusInternalServerError,
			"alice is linked, but not saved", "a restart of this program would lose it", "mend the state directory")
		if !h.linked("alice") || !strings.Contains(cardOn(page(t, h.handler), "alice"), "Linked, but the grant is not saved") {
			t.Errorf("the status shows\n%s", page(t, h.handler))
		}
		if err := os.Rename(away, h.state.Dir()); err != nil {
			t.Fatal(err)
		}
		expectPage(t, h.ask("GET", callback), http.StatusInternalServerError, "alice is linked, but not saved")
		go h.collector.Run(t.Context())
		synctest.Wait()
		expectPage(t, h.ask("GET", callback), http.StatusOK, "This answer was dealt with before", "alice is linked now.")
		if !strings.Contains(cardOn(page(t, h.handler), "alice"), "Linked since 2026-03-01;") || !h.alive(t, "alice", "alice") {
			t.Errorf("once there is room:\n%s", page(t, h.handler))
		}
	})
}

func TestAccountsThatCannotBeLinked(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		for _, account := range []string{"nobody", "unlinkable", "ALICE", "alice%2f", "%3Cscript%3E", "alice%00", "%2e%2e"} {
			for path, methods := range map[string][]string{"link": {"POST"}, "link/confirm": {"POST"}, "unlink": {"GET", "POST"}} {
				for _, method := range methods {
					answer := h.ask(method, "/accounts/"+account+"/"+path)
					expectPage(t, answer, http.StatusNotFound, "No such account", "There is no account of that name that uses the official API.")
					if strings.Contains(answer.Body.String(), "<form") || strings.Contains(answer.Body.String(), account) {
						t.Errorf("%s %s: %s", method, account, answer.Body)
					}
				}
			}
		}
	})
}
