package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// reloadable is a listener that counts how often it was told to load again.
func reloadable(t *testing.T, guard Guard, failure error) (handler http.Handler, reloads *int) {
	t.Helper()
	reloads = new(int)
	return build(t, Config{
		Guard: guard, Collector: follow(t), Metrics: http.NotFoundHandler(), MetricsPath: "/metrics",
		Reload: func() error { *reloads++; return failure },
	}), reloads
}

func TestReload(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		failure error
		method  string
		headers map[string]string
		status  int
		says    string
		reloads int
	}{
		{"it works", nil, "POST", nil, 200, "loaded again", 1},
		{"it fails", errors.New("config.yaml:3: apps.uk: unknown key"), "POST", nil, 500, "the configuration before stays: config.yaml:3: apps.uk: unknown key", 1},
		{"our own page", nil, "POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200, "loaded again", 1},
		{"read", nil, "GET", nil, 405, "", 0},
		{"head", nil, "HEAD", nil, 405, "", 0},
		{"put", nil, "PUT", nil, 405, "", 0},
		{"another site", nil, "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "another site", 0},
		{"another port", nil, "POST", map[string]string{"Sec-Fetch-Site": "same-site"}, 403, "another site", 0},
		{"an old browser on another site", nil, "POST", map[string]string{"Origin": "https://evil.example"}, 403, "another site", 0},
		{"another name for 127.0.0.1", nil, "POST", map[string]string{"Host": "evil.example"}, 403, "localhost", 0},
		{"a forgotten proxy", nil, "POST", map[string]string{"X-Forwarded-For": "192.0.2.1"}, 403, "proxy", 0},
	} {
		handler, reloads := reloadable(t, local(), test.failure)
		answer := ask(handler, test.method, "/-/reload", test.headers)
		if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.says) || *reloads != test.reloads {
			t.Errorf("%s: status %d, %d reloads, %q; want %d, %d, %q", test.name, answer.Code, *reloads, answer.Body, test.status, test.reloads, test.says)
		}
	}
}

// Whoever may not reload learns how it is switched on, and nothing is loaded.
func TestReloadIsOff(t *testing.T) {
	t.Parallel()
	for name, guard := range map[string]Guard{
		"loopback": local(), "network": {Authenticated: unprotected}, "authenticated": {Authenticated: func(*http.Request) bool { return true }},
	} {
		answer := ask(ready(t, guard), "POST", "/-/reload", nil)
		if answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), "--web.enable-lifecycle") || !strings.Contains(answer.Body.String(), "SIGHUP") {
			t.Errorf("%s: status %d %q", name, answer.Code, answer.Body)
		}
		if kind := answer.Header().Get("Content-Type"); kind != "text/plain; charset=utf-8" {
			t.Errorf("%s: type %q", name, kind)
		}
	}
}

// Machines that are no browsers reload where the pages are closed to them: a
// configuration manager has no eyes.
func TestReloadNeedsNoPages(t *testing.T) {
	t.Parallel()
	handler, reloads := reloadable(t, Guard{Authenticated: unprotected}, nil)
	if answer := ask(handler, "POST", "/-/reload", nil); answer.Code != http.StatusOK || *reloads != 1 {
		t.Errorf("status %d, %d reloads: %s", answer.Code, *reloads, answer.Body)
	}
}
