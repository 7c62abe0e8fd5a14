package dexcom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const testToken = "SECRET-ACCESS-TOKEN"

func clientOf(t *testing.T, server *httptest.Server, version Version) *Client {
	t.Helper()
	client, err := NewClient(Config{
		BaseURL: server.URL + "/prefix", // an address that forgets the base path fails
		Version: version,
		Tokens:  FixedToken(testToken),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	return serveVersion(t, "", handler)
}

func serveVersion(t *testing.T, version Version, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server, version)
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	tokens := FixedToken("")
	for name, config := range map[string]Config{
		"no address":      {Tokens: tokens},
		"relative":        {BaseURL: "api.dexcom.com", Tokens: tokens},
		"another scheme":  {BaseURL: "ftp://api.dexcom.com", Tokens: tokens},
		"broken":          {BaseURL: "http://[::1", Tokens: tokens},
		"unknown version": {BaseURL: "https://api.dexcom.com", Version: "v9", Tokens: tokens},
		"no tokens":       {BaseURL: "https://api.dexcom.com"},
	} {
		if _, err := NewClient(config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got := fmt.Sprintln(r.Method, r.URL, r.Header["Authorization"], r.Header["Accept"])
		want := "GET /prefix/v3/users/self/egvs?endDate=2025-02-07T00%3A00%3A01&startDate=2025-02-06T00%3A00%3A00 " +
			"[Bearer " + testToken + "] [application/json]\n"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		_, _ = w.Write([]byte(`{"records":[]}`))
	})
	from := time.Date(2025, 2, 6, 1, 0, 0, 250e6, time.FixedZone("", 3600))
	if _, err := client.EGVs(t.Context(), from, at("2025-02-07T00:00:00.001Z"), nil); err != nil {
		t.Error(err)
	}
}

func TestWindowsAreHalfOpenAndStitched(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02T15:04:05"
	var spans []string
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		start, _ := time.Parse(layout, r.URL.Query().Get("startDate"))
		end, _ := time.Parse(layout, r.URL.Query().Get("endDate"))
		if end.Sub(start) > 30*24*time.Hour {
			t.Errorf("a window of %v", end.Sub(start))
		}
		spans = append(spans, start.Format(layout)+" "+end.Format(layout))
		// One record at the start, which belongs here, and one just before the end.
		for _, at := range []time.Time{end.Add(-time.Second), start} {
			_, _ = fmt.Fprint(w, map[bool]string{true: `{"records":[`, false: `,`}[at != start])
			_, _ = fmt.Fprintf(w, `{"recordId":"%[1]s","systemTime":"%[1]s","value":100}`, at.Format(layout))
		}
		_, _ = fmt.Fprint(w, `]}`)
	})
	from, to := at("2025-01-01T00:00:00Z"), at("2025-03-10T12:00:00Z")
	list, err := client.EGVs(t.Context(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "2025-01-01T00:00:00 2025-01-31T00:00:00, 2025-01-31T00:00:00 2025-03-02T00:00:00, 2025-03-02T00:00:00 2025-03-10T12:00:00"
	if got := strings.Join(spans, ", "); got != want {
		t.Errorf("asked for %s\nwant %s", got, want)
	}
	seen := map[string]bool{}
	for i, r := range list.Records {
		if seen[r.ID] || i > 0 && r.Time.Before(list.Records[i-1].Time) {
			t.Errorf("record %d at %v is out of order or double", i, r.Time)
		}
		seen[r.ID] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d records, want 6", len(seen))
	}
}

func TestAFailedWindowFailsTheWhole(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 2 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write([]byte(`{"records":[` + goodEGV + `]}`))
	})
	list, err := client.EGVs(t.Context(), at("2025-01-01T00:00:00Z"), at("2025-03-01T00:00:00Z"), nil)
	if Reason(err) != ReasonServer || len(list.Records) != 0 {
		t.Errorf("%d records, %v; want none and a fault of the server", len(list.Records), err)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		204: ReasonOther, 301: ReasonOther, 302: ReasonOther, 400: ReasonOther, 401: ReasonCredentials, 403: ReasonOther, 404: ReasonOther,
		429: ReasonRateLimited, 500: ReasonServer, 502: ReasonServer, 503: ReasonServer, 504: ReasonServer, 599: ReasonServer,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>who is alice@example.org"))
		})
		_, err := client.Devices(t.Context())
		var e *Error
		if !errors.As(err, &e) || e.Reason != want || e.StatusCode != status || e.Op != "devices" {
			t.Errorf("HTTP %d: %v; want reason %s", status, err, want)
		}
		if strings.Contains(err.Error(), "alice") {
			t.Errorf("HTTP %d: %v quotes the body", status, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "soon": 0, "-5": 0, "1e9": 0, "99999999999999999999": 0,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  time.Hour,
		time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := client.Devices(t.Context())
		if got := RetryAfter(err); (got - want).Abs() > 10*time.Second {
			t.Errorf("Retry-After %q gave %v, want %v", header, got, want)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"HTML with 200": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Welcome to our hotel")) }, ReasonDecode},
		"empty":         {func(http.ResponseWriter, *http.Request) {}, ReasonDecode},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(`{"records":[`))
		}, ReasonNetwork},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ReasonNetwork},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			block := []byte(strings.Repeat(" ", 1<<20))
			for range 40 {
				_, _ = w.Write(block)
			}
		}, ReasonDecode},
	} {
		if _, err := serve(t, test.answer).Devices(t.Context()); Reason(err) != test.want {
			t.Errorf("%s: %v; want %s", name, err, test.want)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	client := clientOf(t, server, V3)
	server.Close()
	if _, err := client.DataRange(t.Context()); Reason(err) != ReasonNetwork || strings.Contains(err.Error(), "/users/self") {
		t.Errorf("%v; want a failure of the network without the address", err)
	}
}

func TestTheTokenDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(other.Close)
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	if _, err := client.Devices(t.Context()); Reason(err) != ReasonOther || reached.Load() {
		t.Errorf("%v, reached the other host: %t", err, reached.Load())
	}
}

func TestErrorsQuoteNothingOfTheAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"HTTP/1.1 alice@example.org OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nAuthorization  Bearer " + testToken + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + testToken + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + testToken + "\r\n\r\n",
		testToken + "\r\n\r\n",
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = connection.Write([]byte(answer))
			_ = connection.Close()
		})
		_, err := client.Devices(t.Context())
		if Reason(err) != ReasonNetwork || strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "alice") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%q gave %v", answer, err)
		}
	}
}

func TestCauses(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for address, want := range map[string]string{
		secure.URL: "certificate", strings.Replace(plain.URL, "http:", "https:", 1): "TLS", gone.URL: "listens",
		"http://no-such-host.invalid": "resolved", slow.URL: "in time",
	} {
		client, err := NewClient(Config{BaseURL: address, Tokens: FixedToken("")})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err = client.Devices(ctx)
		cancel()
		if Reason(err) != ReasonNetwork || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

type noToken struct{ err error }

func (n noToken) Token(context.Context) (*oauth2.Token, error) { return nil, n.err }

func (noToken) Reject(*oauth2.Token) {}

func TestNoTokenNoRequest(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request without a token") }))
	t.Cleanup(server.Close)
	client, err := NewClient(Config{BaseURL: server.URL, Tokens: noToken{&Error{Op: "token", Reason: ReasonConsent}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Devices(t.Context()); Reason(err) != ReasonConsent {
		t.Errorf("%v; want consent needed", err)
	}
}

func TestWaitMayRefuse(t *testing.T) {
	t.Parallel()
	refused := errors.New("not now")
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a refused request went out") }))
	t.Cleanup(server.Close)
	client, err := NewClient(Config{
		BaseURL: server.URL, Tokens: FixedToken(""), Wait: func(context.Context) error { return refused },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Devices(t.Context()); !errors.Is(err, refused) || Reason(err) != ReasonRateLimited {
		t.Errorf("%v; want %v", err, refused)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"":                nil,
		ReasonOther:       errors.New("what"),
		ReasonNetwork:     fmt.Errorf("slow: %w", context.DeadlineExceeded),
		ReasonConsent:     fmt.Errorf("deep: %w", &Error{Reason: ReasonConsent}),
		ReasonCredentials: &Error{Reason: ReasonCredentials},
	} {
		if got := Reason(err); got != want {
			t.Errorf("Reason(%v) = %q, want %q", err, got, want)
		}
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for region, want := range map[Region]string{
		US: "https://api.dexcom.com", EU: "https://api.dexcom.eu", JP: "https://api.dexcom.jp", Sandbox: "https://sandbox-api.dexcom.com", "mars": "",
	} {
		if got, err := region.BaseURL(); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", region, got, err, want)
		}
	}
}

// The client and the simulator were written from the same pages by different
// hands: what one sends the other must understand, oddities included.
func TestAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	person := simulator.Person{
		Name: "odd", Seed: 7, Sensor: simulator.G6, Display: simulator.Android, Rhythm: simulator.Hourly,
		HoldBack: time.Hour, Quirks: true, OfflineShare: 0.1, Mean: 150, Swing: 90, Since: at("2025-01-01T00:00:00Z"),
	}
	cloud := simulator.New(&person)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	client, err := NewClient(Config{BaseURL: server.URL, Tokens: FixedToken(cloud.AccessToken("odd"))})
	if err != nil {
		t.Fatal(err)
	}
	to := time.Now().Add(-6 * time.Hour).Truncate(time.Second)
	from := to.Add(-40 * 24 * time.Hour)
	list, err := client.EGVs(t.Context(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Reading{}
	for _, r := range list.Records {
		got[r.ID] = r
	}
	want := person.AvailableReadings(from, to, time.Now())
	if len(got) != len(want) || len(want) < 5000 {
		t.Errorf("%d readings, want %d", len(got), len(want))
	}
	for _, w := range want {
		r := got[w.RecordID]
		if !r.Time.Equal(w.SystemTime) || r.MgDL != float64(w.Value) || r.HasTrendRate != w.HasRate || r.TrendRate != w.TrendRate {
			t.Fatalf("got %+v\nwant %+v", r, w)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"records":[]}`)) })
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := client.Devices(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
