package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

func TestABadAnswerLinksNobody(t *testing.T) {
	const unknown = "This answer belongs to no linking that is under way"
	for name, test := range map[string]struct {
		callback func(*testing.T, *home) string
		status   int
		words    []string
	}{
		"refused": {func(t *testing.T, h *home) string {
			return h.decide(t, h.press(t, "alice"), "alice", false)
		}, http.StatusOK, []string{"Dexcom was told not to share alice", "The person who logged in refused. Nothing has changed.", `action="/accounts/alice/link"`}},
		"refused with a script": {func(t *testing.T, h *home) string {
			return "/oauth/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=%3Cscript%3E&state=" + stateOf(t, h.press(t, "alice"))
		}, http.StatusBadGateway, []string{"Linking alice did not work", "ended the login with an error", `action="/accounts/alice/link"`}},
		"no code": {func(t *testing.T, h *home) string {
			return "/oauth/callback?state=" + stateOf(t, h.press(t, "alice"))
		}, http.StatusBadRequest, []string{"Linking alice did not work", "has no code", `action="/accounts/alice/link"`}},
		"a code nobody gave": {func(t *testing.T, h *home) string {
			return "/oauth/callback?code=%3Cscript%3E&state=" + stateOf(t, h.press(t, "alice"))
		}, http.StatusBadRequest, []string{"Linking alice did not work", "lives for one minute", `action="/accounts/alice/link"`}},
		"a code over a minute old": {func(t *testing.T, h *home) string {
			callback := h.decide(t, h.press(t, "alice"), "alice", true)
			time.Sleep(time.Minute + time.Second)
			return callback
		}, http.StatusBadRequest, []string{"lives for one minute"}},
		"nothing": {func(*testing.T, *home) string {
			return "/oauth/callback"
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"a state somebody made up": {func(t *testing.T, h *home) string {
			h.press(t, "alice")
			return "/oauth/callback?code=1&state=%3Cscript%3Ealert(1)%3C/script%3E"
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"an empty state": {func(t *testing.T, h *home) string {
			h.press(t, "alice")
			return "/oauth/callback?code=1&state="
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"no state": {func(t *testing.T, h *home) string {
			callback := h.decide(t, h.press(t, "alice"), "alice", true)
			callback, _, _ = strings.Cut(callback, "&state=")
			return callback
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"a malformed query": {func(*testing.T, *home) string {
			return "/oauth/callback?%zz;state=1&&&=&code=%"
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"a huge state": {func(*testing.T, *home) string {
			return "/oauth/callback?state=" + strings.Repeat("x", 1<<20)
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
		"a login that took over ten minutes": {func(t *testing.T, h *home) string {
			address := h.press(t, "alice")
			time.Sleep(10*time.Minute + time.Second)
			return h.decide(t, address, "alice", true)
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown, "more than 10 minutes"}},
		"a linking from before a restart": {func(t *testing.T, h *home) string {
			address := h.press(t, "alice")
			h.restart(t)
			return h.decide(t, address, "alice", true)
		}, http.StatusBadRequest, []string{"Nothing was linked", unknown}},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				expectPage(t, h.ask("GET", test.callback(t, h)), test.status, test.words...)
				if h.linked("alice") || h.linked("bob") || h.file(t, "alice") != "" {
					t.Error("somebody is linked")
				}
				h.mustLink(t, "alice", "alice")
			})
		})
	}
}

func stateOf(t *testing.T, consentURL string) string {
	t.Helper()
	address, err := url.Parse(consentURL)
	if err != nil {
		t.Fatal(err)
	}
	return address.Query().Get("state")
}

func TestALoginOfTenMinutesIsInTime(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		address := h.press(t, "alice")
		time.Sleep(10*time.Minute - time.Second)
		expectPage(t, h.ask("GET", h.decide(t, address, "alice", true)), http.StatusOK, "alice is linked")
	})
}

func TestACallbackWorksOnce(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		if answer := h.ask("HEAD", callback); answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET" || h.linked("alice") {
			t.Errorf("HEAD: status %d", answer.Code)
		}
		expectPage(t, h.ask("GET", callback), http.StatusOK, "alice is linked")
		before := h.file(t, "alice")
		for range 3 { // a phone loads its pages again whenever it likes
			expectPage(t, h.ask("GET", callback), http.StatusOK, "alice is linked")
		}
		if h.file(t, "alice") != before || !h.alive(t, "alice", "alice") {
			t.Error("the second visit harmed the grant")
		}
		time.Sleep(10*time.Minute + time.Second)
		expectPage(t, h.ask("GET", callback), http.StatusBadRequest, "Nothing was linked", "it was used before", "the status shows whether the account is linked")
	})
}

// A page that is loaded again says what it said, unless that is over.
func TestAnAnswerLoadedAgain(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		refused := h.decide(t, h.press(t, "alice"), "alice", false)
		for range 2 {
			expectPage(t, h.ask("GET", refused), http.StatusOK, "Dexcom was told not to share alice")
		}
		allowed := h.decide(t, h.press(t, "alice"), "alice", true)
		expectPage(t, h.ask("GET", allowed), http.StatusOK, "alice is linked")
		expectPage(t, h.ask("GET", refused), http.StatusOK, "Dexcom was told not to share alice")

		other := h.decide(t, h.press(t, "alice"), "carol", true)
		for range 2 {
			expectPage(t, h.ask("GET", other), http.StatusOK, "Another person for alice?")
		}
		h.ask("POST", "/accounts/alice/unlink")
		expectPage(t, h.ask("GET", allowed), http.StatusOK, "alice is not linked any more", "changes nothing", `action="/accounts/alice/link"`)
		if h.linked("alice") || h.file(t, "alice") != "" {
			t.Error("an old answer linked alice again")
		}
	})
}

func TestWhoClosesTheWindowHasConsented(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.cloud.FailTokens(simulator.DelayAnswer(20*time.Second), 1)
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		request := httptest.NewRequestWithContext(ctx, "GET", h.decide(t, h.press(t, "alice"), "alice", true), http.NoBody)
		request.Host = "localhost"
		h.handler.ServeHTTP(httptest.NewRecorder(), request)
		if !h.linked("alice") || !h.alive(t, "alice", "alice") {
			t.Error("alice is not linked")
		}
	})
}

// Whatever comes to the callback, nobody is linked by it but who pressed the button.
func FuzzCallback(f *testing.F) {
	for _, query := range []string{
		"", "code=1", "state=", "state=&code=", "error=access_denied", "error=<script>&state=<script>", "%zz", "a;b", "state=1&state=2&code=3", "state[]=1", "\x00",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		h := newHome(t, testRedirect)
		h.press(t, "alice")
		request := httptest.NewRequestWithContext(t.Context(), "GET", "/oauth/callback", http.NoBody)
		request.Host, request.URL.RawQuery = "localhost", query
		answer := httptest.NewRecorder()
		h.handler.ServeHTTP(answer, request)
		expectPage(t, answer, http.StatusBadRequest, "Nothing was linked")
		if h.linked("alice") || h.linked("bob") {
			t.Error("somebody is linked")
		}
	})
}
