package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for path, want := range map[string]struct{ kind, text string }{
		"/":           {"text/html; charset=utf-8", "<h2>alice</h2>"},
		"/style.css":  {"text/css; charset=utf-8", string(style)},
		"/metrics":    {"text/plain; version=0.0.4; charset=utf-8", "# TYPE dexcom_exporter_account_info gauge"},
		"/-/healthy":  {"text/plain; charset=utf-8", "healthy\n"},
		"/-/ready":    {"text/plain; charset=utf-8", "ready\n"},
		"/?from=link": {"text/html; charset=utf-8", "dexcom_exporter"},
	} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d, %v", path, response.StatusCode, err)
		}
		if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, want.kind) {
			t.Errorf("%s is %q, want %q", path, kind, want.kind)
		}
		if !strings.Contains(string(body), want.text) {
			t.Errorf("%s holds no %q:\n%s", path, want.text, body)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for _, path := range routes() {
		for method, want := range map[string]int{
			"GET": 200, "HEAD": 200,
			"POST": 405, "PUT": 405, "PATCH": 405, "DELETE": 405, "OPTIONS": 405, "TRACE": 405, "PROPFIND": 405, "get": 405,
		} {
			request, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s %s: status %d, want %d", method, path, response.StatusCode, want)
			}
			if allow := response.Header.Get("Allow"); want == 405 && allow != "GET, HEAD" {
				t.Errorf("%s %s: allowed are %q", method, path, allow)
			}
			if method == "HEAD" && len(body) > 0 {
				t.Errorf("HEAD %s has a body: %q", path, body)
			}
		}
	}
}

func TestNothingElseIsThere(t *testing.T) {
	t.Parallel()
	handler := ready(t, Guard{Authenticated: unprotected, OpenPages: true})
	for _, path := range []string{
		"/index.html", "/status.html", "/favicon.ico", "/style.css/", "/metrics/", "/metrics/x", "/METRICS", "/-/", "/-/ready/",
		"/-/quit", "/-/reload/", "/accounts/", "/oauth/callback", "/debug/pprof/", "/debug/vars", "/%2e%2e/etc/passwd", "/%00",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"} {
			if answer := ask(handler, method, path, nil); answer.Code != http.StatusNotFound {
				t.Errorf("%s %s: status %d, want 404", method, path, answer.Code)
			}
		}
	}
}

func TestARedirectStaysOnTheServer(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for path, want := range map[string]string{
		"//evil.example/":              "/evil.example/",
		"//evil.example/..":            "/",
		"/x/..//evil.example/../style": "/style",
		"//metrics":                    "/metrics",
		"/./-/../metrics":              "/metrics",
	} {
		status, header, _ := send(t, address, "GET "+path+" HTTP/1.1", "Host: localhost")
		if location := header.Get("Location"); status/100 != 3 || location != want {
			t.Errorf("%s: status %d, leads to %q, want %q", path, status, location, want)
		}
	}
}

func TestTheMetricsPathIsConfigurable(t *testing.T) {
	t.Parallel()
	handler := build(t, Config{
		Guard: local(), Collector: follow(t), MetricsPath: "/cgm/metrics",
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }),
	})
	for path, want := range map[string]int{"/cgm/metrics": 200, "/metrics": 404, "/cgm": 404, "/cgm/": 404} {
		if answer := ask(handler, "GET", path, nil); answer.Code != want || want == 200 && answer.Body.String() != "here" {
			t.Errorf("%s: status %d, want %d: %s", path, answer.Code, want, answer.Body)
		}
	}
	if page := ask(handler, "GET", "/", nil).Body.String(); !strings.Contains(page, `<a href="/cgm/metrics">`) {
		t.Errorf("the page has no link to the metrics:\n%s", page)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		_, cloud := alice()
		c := follow(t, through(t, cloud, "alice", cloud.AccessToken("alice")), through(t, cloud, "bob", "unknown"))
		go c.Run(t.Context())
		synctest.Wait()

		var authenticated atomic.Bool
		handler := siteOf(t, Guard{Authenticated: func(*http.Request) bool { return authenticated.Load() }}, c)
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				for range 100 {
					path := routes()[i%5]
					answer := ask(handler, "GET", path, nil)
					if answer.Code != http.StatusOK && (answer.Code != http.StatusForbidden || slices.Contains(machines(), path)) {
						t.Errorf("%s: status %d", path, answer.Code)
					}
					time.Sleep(30 * time.Second) // in step with the polls
				}
			})
		}
		group.Go(func() {
			for i := range 200 {
				authenticated.Store(i%2 == 0)
				time.Sleep(15 * time.Second)
			}
		})
		group.Wait()
	})
}
