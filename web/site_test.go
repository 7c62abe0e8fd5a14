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
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// follow is a collector of accounts that nobody polls until it runs.
func follow(t testing.TB, accounts ...collector.Account) *collector.Collector {
	t.Helper()
	c := collector.New(collector.NewCalls(), slog.New(slog.DiscardHandler))
	c.Follow(following(accounts))
	return c
}

func following(accounts []collector.Account) collector.Config {
	return collector.Config{Accounts: accounts, MinInterval: time.Minute, MaxInterval: 15 * time.Minute, History: 14 * 24 * time.Hour}
}

// through is an account whose API is behind a transport.
func through(t testing.TB, transport http.RoundTripper, name, token string) collector.Account {
	t.Helper()
	client, err := dexcom.NewClient(dexcom.Config{BaseURL: "http://dexcom.test", Transport: transport, Tokens: dexcom.FixedToken(token)})
	if err != nil {
		t.Fatal(err)
	}
	return collector.Account{Name: name, StaleAfter: 5 * time.Hour, Bounds: glucose.StandardBounds(), API: &collector.API{Region: dexcom.US, Client: client}}
}

// alice wears a G7, and Dexcom holds her readings back for an hour.
func alice() (*simulator.Person, *simulator.Cloud) {
	p := &simulator.Person{Name: "alice", Seed: 7, HoldBack: time.Hour}
	return p, simulator.New(p)
}

// bubble runs a test on a clock of its own, at a time with Dexcom sensors in it.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
		test(t)
	})
}

func unprotected(*http.Request) bool { return false }

// local guards as the default listener does.
func local() Guard { return Guard{Loopback: true, Authenticated: unprotected} }

// site is the whole of a listener over a collector of alice, who is not polled.
func site(t *testing.T, guard Guard) http.Handler {
	t.Helper()
	_, cloud := alice()
	return siteOf(t, guard, follow(t, through(t, cloud, "alice", cloud.AccessToken("alice"))))
}

func siteOf(t *testing.T, guard Guard, c *collector.Collector) http.Handler {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	return build(t, Config{
		Guard: guard, Collector: c,
		Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), MetricsPath: "/metrics",
	})
}

func build(t *testing.T, config Config) http.Handler {
	t.Helper()
	handler, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return handler
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

// ready is the whole of a listener over an account that needs no poll to be ready.
func ready(t *testing.T, guard Guard) http.Handler {
	t.Helper()
	return siteOf(t, guard, follow(t, collector.Account{Name: "alice"}))
}
