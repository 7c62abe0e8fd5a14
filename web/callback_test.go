package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
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
		const over = "This answer was dealt with before"
		answer := h.ask("GET", refused)
		expectPage(t, answer, http.StatusOK, over, "changes nothing", "alice is linked now.")
		expectNot(t, answer, "Nothing has changed", "<form", "told not to share")
		expectPage(t, h.ask("GET", allowed), http.StatusOK, "<h1>alice is linked</h1>")

		other, replacement := h.find(t, "alice", "carol")
		if again := replacementOn(t, h.ask("GET", other).Body.String()); again != replacement {
			t.Error("loaded again it is another question")
		}
		expectPage(t, h.replace("alice", replacement), http.StatusOK, "<h1>alice is linked</h1>")
		for _, callback := range []string{other, allowed, refused} {
			answer := h.ask("GET", callback)
			expectPage(t, answer, http.StatusOK, over, "alice is linked now.")
			expectNot(t, answer, "Nothing has changed", "<form")
		}
		h.ask("POST", "/accounts/alice/unlink")
		for _, callback := range []string{other, allowed, refused} {
			expectPage(t, h.ask("GET", callback), http.StatusOK, over, "alice is not linked now.", `action="/accounts/alice/link"`)
		}
		if h.linked("alice") || h.file(t, "alice") != "" {
			t.Error("an old answer linked alice again")
		}
	})
}

// A consent that Dexcom ended is not there any more, although nobody unlinked.
func TestAnAnswerLoadedAgainAfterARefusalByDexcom(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		expectPage(t, h.ask("GET", callback), http.StatusOK, "alice is linked")
		h.cloud.Revoke("alice")
		go h.collector.Run(t.Context())
		synctest.Wait()
		if h.linked("alice") {
			t.Fatal("nobody found out")
		}
		expectPage(t, h.ask("GET", callback), http.StatusOK, "This answer was dealt with before", "alice is not linked now.")
	})
}

// A phone loads the page again while Dexcom is slow.
func TestACallbackLoadedAgainWhileDexcomIsSlow(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.cloud.FailTokens(simulator.DelayAnswer(20*time.Second), 1)
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		first := make(chan *httptest.ResponseRecorder)
		go func() { first <- h.ask("GET", callback) }()
		time.Sleep(5 * time.Second)
		expectPage(t, h.ask("GET", callback), http.StatusOK, "<h1>alice is linked</h1>")
		expectPage(t, <-first, http.StatusOK, "<h1>alice is linked</h1>")
	})
}

// The server ends what takes two minutes: until then there are words.
func TestACallbackOfALinkingThatDoesNotEnd(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		ended, first := make(chan struct{}), make(chan *httptest.ResponseRecorder)
		h.data = roundTrip(func(request *http.Request) (*http.Response, error) {
			<-ended // whoever ends it
			return h.cloud.RoundTrip(request)
		})
		go func() { first <- h.ask("GET", callback) }()
		synctest.Wait()
		began := time.Now()
		answer := h.ask("GET", callback)
		expectPage(t, answer, http.StatusAccepted, "alice is being linked", "Look at the status in a minute")
		expectNot(t, answer, "Nothing has changed", "<form")
		if took := time.Since(began); took < time.Minute || took > 110*time.Second {
			t.Errorf("it took %v", took)
		}
		close(ended)
		expectPage(t, <-first, http.StatusOK, "alice is linked")
	})
}

// expectNot looks for words that a page must not have.
func expectNot(t *testing.T, answer *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(answer.Body.String(), word) {
			t.Errorf("it says %q:\n%s", word, answer.Body)
		}
	}
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
