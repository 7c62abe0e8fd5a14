package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// Every listener there can be, asked for every route in every way.
func TestWhoIsAnswered(t *testing.T) {
	t.Parallel()
	const nobody, machinesOnly, everybody = "nobody", "machines", "everybody"
	for _, test := range []struct {
		loopback, authenticated, open bool
		near, far                     string // who is answered: on this machine, from elsewhere
	}{
		{loopback: true, near: everybody, far: nobody},
		{loopback: true, authenticated: true, near: everybody, far: everybody},
		{loopback: true, open: true, near: everybody, far: everybody},
		{loopback: true, authenticated: true, open: true, near: everybody, far: everybody},
		{near: machinesOnly, far: machinesOnly},
		{authenticated: true, near: everybody, far: everybody},
		{open: true, near: everybody, far: everybody},
		{authenticated: true, open: true, near: everybody, far: everybody},
	} {
		handler := ready(t, Guard{
			Loopback: test.loopback, OpenPages: test.open, Authenticated: func(*http.Request) bool { return test.authenticated },
		})
		for way, headers := range map[string]map[string]string{
			"plain":            nil,
			"foreign name":     {"Host": "glucose.example"},
			"through a proxy":  {"X-Forwarded-For": "203.0.113.7"},
			"proxy and a name": {"Host": "glucose.example", "Forwarded": "for=203.0.113.7"},
		} {
			answered := test.far
			if way == "plain" {
				answered = test.near
			}
			for _, path := range routes() {
				want := http.StatusOK
				if answered == nobody || answered == machinesOnly && slices.Contains(pages(), path) {
					want = http.StatusForbidden
				}
				if answer := ask(handler, "GET", path, headers); answer.Code != want {
					t.Errorf("%+v, %s: %s: status %d, want %d", test, way, path, answer.Code, want)
				}
			}
		}
	}
}

// A refusal says what to do, and nothing of anybody.
func TestRefusalsNameTheWayOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		guard   Guard
		headers map[string]string
		want    []string
	}{
		"page in a network": {
			Guard{Authenticated: unprotected},
			nil,
			[]string{"no pages", "loopback", "basic_auth_users", "client certificates", "--web.config.file", "--web.open-pages"},
		},
		"foreign name": {
			local(),
			map[string]string{"Host": "evil.example"},
			[]string{"localhost", "127.0.0.1", "[::1]", "redirect_url", "--web.open-pages"},
		},
		"proxy": {
			local(),
			map[string]string{"X-Forwarded-For": "203.0.113.7"},
			[]string{"proxy", "basic_auth_users", "--web.config.file", "--web.open-pages"},
		},
	} {
		answer := ask(ready(t, test.guard), "GET", "/", test.headers)
		text := answer.Body.String()
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q does not name %q", name, text, want)
			}
		}
		for _, secret := range []string{"alice", "evil.example", "203.0.113.7"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q names %q", name, text, secret)
			}
		}
		if kind := answer.Header().Get("Content-Type"); answer.Code != http.StatusForbidden || kind != "text/plain; charset=utf-8" ||
			answer.Header().Get("X-Content-Type-Options") != "nosniff" || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: status %d, %v, %q", name, answer.Code, answer.Header(), text)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for want, hosts := range map[int][]string{
		http.StatusOK: {
			"localhost", "localhost:10180", "localhost:1", "LOCALHOST", "LocalHost:10180", "localhost.", "localhost.:10180",
			"127.0.0.1", "127.0.0.1:10180", "127.0.0.1.", address, "[::1]", "[::1]:10180",
		},
		http.StatusForbidden: {
			"", ":10180", ".", "evil.example", "evil.example:10180", "EVIL.EXAMPLE.",
			"localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.evil", "evil.localhost", "localhost.localdomain", "xlocalhost", "localhostx",
			"localhost..", "localhost-", "localhost:10180.evil.example:80", "evil.example:localhost", "127.0.0.1:80:evil.example",
			"127.0.0.2", "127.1", "0.0.0.0", "0.0.0.0:10180", "2130706433", "0x7f.0.0.1", "10.0.0.5:10180", "169.254.169.254",
			"[::]", "[::2]:10180", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[2001:db8::1]:10180", "[::1].evil.example", "[::1]evil:80",
			"kubernetes", "dexcom_exporter:10180", "xn--lcalhost-n4a",
		},
		http.StatusBadRequest: {"local host", "localhost/", "localhost\x00", "localhost\u017f"},
	} {
		for _, host := range hosts {
			for _, path := range append(routes(), "/nowhere") {
				status, _, body := send(t, address, "GET "+path+" HTTP/1.1", "Host: "+host)
				expected := want
				if want == http.StatusOK && path == "/nowhere" {
					expected = http.StatusNotFound
				}
				if status != expected {
					t.Errorf("Host %q: %s: status %d, want %d: %s", host, path, status, expected, body)
				}
			}
		}
	}
}

func TestRequestsWithoutAHost(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for _, path := range routes() {
		for want, lines := range map[int][]string{
			403: {"GET " + path + " HTTP/1.0"},
			400: {"GET " + path + " HTTP/1.1"},
		} {
			if status, _, _ := send(t, address, lines...); status != want {
				t.Errorf("%q: status %d, want %d", lines, status, want)
			}
		}
		if status, _, _ := send(t, address, "GET "+path+" HTTP/1.1", "Host: localhost", "Host: evil.example"); status != 400 {
			t.Errorf("%s with two hosts: status %d", path, status)
		}
		// The address in the request line is the one that counts.
		if status, _, _ := send(t, address, "GET http://evil.example"+path+" HTTP/1.1", "Host: localhost"); status != 403 {
			t.Errorf("%s of another host: status %d", path, status)
		}
		if answer := ask(ready(t, local()), "GET", path, map[string]string{"Host": ""}); answer.Code != 403 {
			t.Errorf("%s without a host: status %d", path, answer.Code)
		}
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	address := listen(t, ready(t, local()))
	for want, headers := range map[int][]string{
		http.StatusForbidden: {
			"Forwarded: for=203.0.113.7;proto=https", "forwarded: by=_x", "FORWARDED: for=unknown", "Forwarded:",
			"X-Forwarded-For: 203.0.113.7", "x-forwarded-for: 127.0.0.1", "X-FORWARDED-FOR: ::1", "X-Forwarded-For:",
			"X-Forwarded-Host: localhost", "x-forwarded-host: glucose.example", "X-Forwarded-Proto: https", "x-forwarded-proto: http",
			"Via: 1.1 proxy", "via: 2 cache", "X-Real-IP: 203.0.113.7", "x-real-ip: 127.0.0.1",
			"X-Forwarded-Port: 443", "X-Forwarded-Server: proxy", "x-Forwarded-Anything: 1", "X-Forwarded-: 1",
		},
		http.StatusOK: {
			"User-Agent: Prometheus/3.5.0", "X-Prometheus-Scrape-Timeout-Seconds: 10", "X-Requested-With: forwarded",
			"Referer: http://x-forwarded-for.example/", "X-Forward: 1", "X-Via: 1", "X-Real: 1", "Not-Forwarded: 1", "Cookie: Forwarded=1",
		},
	} {
		for _, header := range headers {
			for _, path := range routes() {
				if status, _, _ := send(t, address, "GET "+path+" HTTP/1.1", "Host: localhost:10180", header); status != want {
					t.Errorf("%s with %q: status %d, want %d", path, header, status, want)
				}
			}
		}
	}
}

func TestConfiguredHosts(t *testing.T) {
	t.Parallel()
	guard := local()
	guard.Hosts = []string{"cgm.example", "192.0.2.7", "2001:db8::7"}
	handler := ready(t, guard)
	for host, want := range map[string]int{
		"cgm.example": 200, "cgm.example:8443": 200, "CGM.Example.": 200, "192.0.2.7:10180": 200, "[2001:db8::7]": 200, "[2001:DB8::7]:443": 200,
		"localhost": 200, "[::1]:10180": 200,
		"cgm.example.evil.example": 403, "www.cgm.example": 403, "example": 403, "192.0.2.70": 403, "[2001:db8::8]": 403, "": 403,
	} {
		for _, path := range routes() {
			if answer := ask(handler, "GET", path, map[string]string{"Host": host}); answer.Code != want {
				t.Errorf("Host %q: %s: status %d, want %d", host, path, answer.Code, want)
			}
		}
	}
	// A name that is known does not make a proxy welcome.
	if answer := ask(handler, "GET", "/metrics", map[string]string{"Host": "cgm.example", "X-Forwarded-Proto": "https"}); answer.Code != 403 {
		t.Errorf("through a proxy: status %d", answer.Code)
	}
}

// HTTP/2 writes names in lower case and has :authority for the Host.
func TestGuardOverHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(ready(t, local()))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	for _, test := range []struct {
		host, header string
		want         int
	}{
		{"localhost:10180", "x-prometheus-scrape-timeout-seconds", 200},
		{"evil.example", "x-prometheus-scrape-timeout-seconds", 403},
		{"localhost:10180", "x-forwarded-for", 403},
		{"localhost:10180", "forwarded", 403},
		{"localhost:10180", "via", 403},
		{"localhost:10180", "x-real-ip", 403},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		request.Header[test.header] = []string{"1"}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.ProtoMajor != 2 || response.StatusCode != test.want {
			t.Errorf("%+v: %s, status %d", test, response.Proto, response.StatusCode)
		}
	}
}

// The web configuration file may change while a connection stays open.
func TestAuthenticationIsAskedEachTime(t *testing.T) {
	t.Parallel()
	for name, loopback := range map[string]bool{"loopback": true, "network": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var authenticated atomic.Bool
			address := listen(t, ready(t, Guard{Loopback: loopback, Authenticated: func(*http.Request) bool { return authenticated.Load() }}))
			var connections atomic.Int64
			client := &http.Client{Transport: &http.Transport{
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					connections.Add(1)
					return (&net.Dialer{}).DialContext(ctx, network, address)
				},
			}}
			t.Cleanup(client.CloseIdleConnections)
			for i, want := range []int{403, 200, 200, 403, 403, 200, 403} {
				authenticated.Store(want == 200)
				response, err := client.Get("http://glucose.example/")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				if response.StatusCode != want {
					t.Errorf("request %d: status %d, want %d", i, response.StatusCode, want)
				}
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("%d connections, want the one that was there before", n)
			}
		})
	}
}

// Whatever the Host header holds, only the names of this machine are known.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"", "localhost", "[::1]:1", "127.0.0.1.", "[", "]:", "a:b:c", "[[::1]]", "localhost\x00"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if !local().knows(host) {
			return
		}
		bare := strings.ToLower(strings.NewReplacer("[", "", "]", "").Replace(host))
		for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
			if rest, found := strings.CutPrefix(bare, name); found && (rest == "" || rest == "." || strings.HasPrefix(strings.TrimPrefix(rest, "."), ":")) {
				return
			}
		}
		t.Errorf("%q is taken for this machine", host)
	})
}
