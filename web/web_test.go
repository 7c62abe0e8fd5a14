package web

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// follow is a collector of accounts that nobody polls until it runs.
func follow(t *testing.T, accounts ...collector.Account) *collector.Collector {
	t.Helper()
	c, err := collector.New(collector.Config{
		Accounts:    accounts,
		MinInterval: time.Minute, MaxInterval: 15 * time.Minute, History: 14 * 24 * time.Hour,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// through is an account whose API is behind a transport.
func through(transport http.RoundTripper, name, token string) collector.Account {
	return collector.Account{Name: name, StaleAfter: 5 * time.Hour, API: &collector.API{
		Region: dexcom.US,
		Client: dexcom.Config{
			BaseURL: "http://dexcom.test", Transport: transport,
			Tokens: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}),
		},
	}}
}

// alice wears a G7, and Dexcom holds her readings back for an hour.
func alice() (*simulator.Person, *simulator.Cloud) {
	p := &simulator.Person{Name: "alice", Seed: 7, HoldBack: time.Hour}
	return p, simulator.New(p)
}

func unprotected() bool { return false }

// local guards as the default listener does.
func local() Guard { return Guard{Loopback: true, Authenticated: unprotected} }

// site is the whole of a listener over a collector of alice, who is not polled.
func site(t *testing.T, guard Guard) http.Handler {
	t.Helper()
	_, cloud := alice()
	return siteOf(t, guard, follow(t, through(cloud, "alice", cloud.AccessToken("alice"))))
}

func siteOf(t *testing.T, guard Guard, c *collector.Collector) http.Handler {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Guard: guard, Collector: c,
		Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), MetricsPath: "/metrics",
	})
}

// listen serves a handler on the loopback interface and gives its address.
func listen(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// ask calls a handler without sockets, as localhost unless the headers hold
// another Host.
func ask(handler http.Handler, method, path string, headers map[string]string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, http.NoBody)
	request.Host = "localhost:10180"
	for name, value := range headers {
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// send writes a request to a real listener byte for byte, where a client would
// put it in order, and gives the answer.
func send(t *testing.T, address string, lines ...string) (status int, header http.Header, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

// routes are the paths that answer GET: pages for people, and what machines read.
func pages() []string    { return []string{"/", "/style.css"} }
func machines() []string { return []string{"/metrics", "/-/healthy", "/-/ready"} }
func routes() []string   { return slices.Concat(pages(), machines()) }

// polled makes alice's readiness 200 without waiting for a poll.
func polled(t *testing.T, guard Guard) http.Handler {
	t.Helper()
	return siteOf(t, guard, follow(t, collector.Account{Name: "alice"}))
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	address := listen(t, polled(t, local()))
	for path, want := range map[string]struct{ kind, text string }{
		"/":           {"text/html; charset=utf-8", "<th scope=\"row\">alice</th>"},
		"/style.css":  {"text/css; charset=utf-8", string(style)},
		"/metrics":    {"text/plain; version=0.0.4; charset=utf-8", "# TYPE dexcom_exporter_polls_total counter"},
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
	address := listen(t, polled(t, local()))
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
	handler := polled(t, Guard{Authenticated: unprotected, OpenPages: true})
	for _, path := range []string{
		"/index.html", "/status.html", "/favicon.ico", "/style.css/", "/metrics/", "/metrics/x", "/METRICS", "/-/", "/-/ready/",
		"/-/quit", "/-/reload", "/readings", "/accounts/", "/oauth/callback", "/debug/pprof/", "/debug/vars", "/%2e%2e/etc/passwd", "/%00",
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
	address := listen(t, polled(t, local()))
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
	handler := New(Config{
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

func TestCrossSiteRequests(t *testing.T) {
	t.Parallel()
	const refused, let = true, false
	guards := map[string]Guard{
		"loopback":      local(),
		"behind a name": {Loopback: true, Authenticated: unprotected, Hosts: []string{"cgm.example"}},
		"authenticated": {Authenticated: func() bool { return true }},
		"open pages":    {Loopback: true, Authenticated: unprotected, OpenPages: true},
		"network":       {Authenticated: unprotected},
	}
	for name, test := range map[string]struct {
		headers map[string]string
		want    bool
	}{
		"another site":                     {map[string]string{"Sec-Fetch-Site": "cross-site"}, refused},
		"another port of the same":         {map[string]string{"Sec-Fetch-Site": "same-site"}, refused},
		"nonsense":                         {map[string]string{"Sec-Fetch-Site": "Same-Origin"}, refused},
		"another site that lies":           {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:10180"}, refused},
		"old browser, other site":          {map[string]string{"Origin": "https://evil.example"}, refused},
		"old browser, other port":          {map[string]string{"Origin": "http://localhost:9999"}, refused},
		"old browser, other name":          {map[string]string{"Origin": "http://localhost.evil.example:10180"}, refused},
		"old browser, sandbox":             {map[string]string{"Origin": "null"}, refused},
		"old browser, no address":          {map[string]string{"Origin": "http://%zz"}, refused},
		"our own page":                     {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:10180"}, let},
		"our own page, proxy renames us":   {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://glucose.example"}, let},
		"typed into the address bar":       {map[string]string{"Sec-Fetch-Site": "none"}, let},
		"old browser, our own page":        {map[string]string{"Origin": "http://localhost:10180"}, let},
		"curl, which says nothing of it":   {nil, let},
		"only who sent it, not where from": {map[string]string{"Referer": "https://evil.example/"}, let},
	} {
		for kind, guard := range guards {
			handler := polled(t, guard)
			for path, routed := range map[string]int{"/": 405, "/metrics": 405, "/-/ready": 405, "/-/reload": 404, "/accounts/alice/link": 404} {
				for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
					want := routed
					if test.want == refused {
						want = http.StatusForbidden
					}
					if answer := ask(handler, method, path, test.headers); answer.Code != want {
						t.Errorf("%s, %s: %s %s: status %d, want %d", name, kind, method, path, answer.Code, want)
					}
				}
			}
		}
	}
}

// Links from elsewhere work, and no other site can read what they lead to.
func TestCrossSiteReading(t *testing.T) {
	t.Parallel()
	handler := polled(t, local())
	for _, path := range routes() {
		answer := ask(handler, "GET", path, map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
		if answer.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, answer.Code)
		}
		for name := range answer.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s sends %s", path, name)
			}
		}
	}
}

func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, cloud := alice()
		c := follow(t, through(cloud, "alice", cloud.AccessToken("alice")), through(cloud, "bob", "unknown"))
		go c.Run(t.Context())
		synctest.Wait()

		var authenticated atomic.Bool
		handler := siteOf(t, Guard{Authenticated: authenticated.Load}, c)
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
