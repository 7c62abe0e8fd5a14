package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// linkRoutes are the routes of linking with the status each has for a person who
// may see pages.
func linkRoutes() map[string]int {
	return map[string]int{
		"POST /accounts/alice/link":         http.StatusSeeOther,
		"POST /accounts/alice/link/confirm": http.StatusConflict,
		"GET /oauth/callback":               http.StatusBadRequest,
		"GET /accounts/alice/unlink":        http.StatusOK,
		"POST /accounts/alice/unlink":       http.StatusOK,
		"GET /accounts/alice/link":          http.StatusMethodNotAllowed,
		"GET /accounts/alice/link/confirm":  http.StatusMethodNotAllowed,
		"POST /oauth/callback":              http.StatusMethodNotAllowed,
		"GET /accounts/nobody/unlink":       http.StatusNotFound,
		"GET /accounts/alice":               http.StatusNotFound,
		"GET /accounts/":                    http.StatusNotFound,
		"POST /accounts//link":              http.StatusTemporaryRedirect, // the mux cleans the path
	}
}

// askAll holds each route of linking behind a guard against what is wanted.
func askAll(t *testing.T, guard Guard, headers map[string]string, want func(route string, routed int) int) {
	t.Helper()
	h := newHome(t, testRedirect)
	h.guard = guard
	h.restart(t)
	for route, routed := range linkRoutes() {
		method, path, _ := strings.Cut(route, " ")
		if answer := ask(h.handler, method, path, headers); answer.Code != want(route, routed) {
			t.Errorf("%+v, %v: %s: status %d, want %d", guard, headers, route, answer.Code, want(route, routed))
		}
	}
}

func TestWhoMayLink(t *testing.T) {
	t.Parallel()
	protected := func(*http.Request) bool { return true }
	asRouted := func(_ string, routed int) int { return routed }
	refused := func(string, int) int { return http.StatusForbidden }
	refusedPages := func(_ string, routed int) int {
		if routed == http.StatusMethodNotAllowed || routed == http.StatusTemporaryRedirect {
			return routed
		}
		return http.StatusForbidden
	}
	elsewhere := map[string]string{"Host": "glucose.example"}
	proxied := map[string]string{"X-Forwarded-For": "203.0.113.7"}
	named := local()
	named.Hosts = []string{"cgm.example"}

	askAll(t, local(), nil, asRouted)
	askAll(t, local(), elsewhere, refused)
	askAll(t, local(), proxied, refused)
	askAll(t, Guard{Loopback: true, Authenticated: protected}, elsewhere, asRouted)
	askAll(t, Guard{Authenticated: protected}, proxied, asRouted)
	askAll(t, Guard{Authenticated: unprotected, OpenPages: true}, elsewhere, asRouted)
	askAll(t, Guard{Authenticated: unprotected}, nil, func(route string, routed int) int {
		if route == "GET /accounts/alice" || route == "GET /accounts/" {
			return http.StatusNotFound // there is no page to guard
		}
		return refusedPages(route, routed)
	})
	// The host of a configured redirect address is where Dexcom sends people to.
	askAll(t, named, map[string]string{"Host": "cgm.example:10180", "Sec-Fetch-Site": "none"}, asRouted)
	askAll(t, named, elsewhere, refused)
}

func TestOtherSitesCannotLink(t *testing.T) {
	t.Parallel()
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
	} {
		askAll(t, local(), headers, func(route string, routed int) int {
			if strings.HasPrefix(route, "POST ") {
				return http.StatusForbidden
			}
			return routed // Dexcom sends people to the callback from its own site
		})
	}
}

// endless is a body that never ends, and how much of it was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, strings.Repeat("a", len(p))), nil
}

// A form has 4 KiB; of a larger one no more is read.
func TestFormsAreLimited(t *testing.T) {
	t.Parallel()
	h := newHome(t, testRedirect)
	for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=a"} {
		body := new(endless)
		request := httptest.NewRequest(http.MethodPost, "/accounts/alice/link/confirm", body)
		request.Host = "localhost"
		request.Header.Set("Content-Type", kind)
		answer := httptest.NewRecorder()
		h.handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusConflict || body.read == 0 || body.read > 5<<10 {
			t.Errorf("%s: status %d after %d bytes", kind, answer.Code, body.read)
		}
	}
}

// Without accounts to link there is nothing to find.
func TestNoRoutesWithoutALinker(t *testing.T) {
	t.Parallel()
	handler := site(t, local())
	for route := range linkRoutes() {
		method, path, _ := strings.Cut(route, " ")
		want := http.StatusNotFound
		if path == "/accounts//link" {
			want = http.StatusTemporaryRedirect
		}
		if answer := ask(handler, method, path, nil); answer.Code != want {
			t.Errorf("%s: status %d, want %d", route, answer.Code, want)
		}
	}
}

// A refused callback is spent by nobody, and says nothing of what it held.
func TestAGuardKeepsTheCode(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		callback := h.decide(t, h.press(t, "alice"), "alice", true)
		answer := ask(h.handler, "GET", callback, map[string]string{"Host": "evil.example"})
		if answer.Code != http.StatusForbidden || h.linked("alice") || answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("status %d, %v", answer.Code, answer.Header())
		}
		h.seen = append(h.seen, answer.Body.String())
		expectPage(t, h.ask("GET", callback), http.StatusOK, "alice is linked")
	})
}

func TestACallbackThroughARealListener(t *testing.T) {
	t.Parallel()
	h := newHome(t, testRedirect)
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	callback := h.decide(t, h.press(t, "alice"), "alice", true)
	status, header, body := send(t, server.Listener.Addr().String(), "GET "+callback+" HTTP/1.1", "Host: localhost:10180", "Sec-Fetch-Site: cross-site")
	if status != http.StatusOK || !strings.Contains(body, "alice is linked") || header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, %v: %s", status, header, body)
	}
	for name, values := range header {
		h.seen = append(h.seen, name+strings.Join(values, " "))
	}
	h.seen = append(h.seen, body)
	h.expectNoSecrets(t)
}
