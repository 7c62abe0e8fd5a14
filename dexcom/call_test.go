package dexcom

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// roundTrip answers requests without a server.
type roundTrip func(*http.Request) (status int, body []byte)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// refusalSamples are answers of the data endpoints that are none, and how each is
// sorted.
func refusalSamples() map[string]Error {
	return map[string]Error{
		"v2/error_data_400_ASSUMED.json":               {StatusCode: http.StatusBadRequest, Reason: ReasonOther},
		"v2/error_data_401_gateway_fault_ASSUMED.json": {StatusCode: http.StatusUnauthorized, Reason: ReasonCredentials},
		"v2/error_data_429_ASSUMED.json":               {StatusCode: http.StatusTooManyRequests, Reason: ReasonRateLimited},
		"v3/error_data_400_ASSUMED.json":               {StatusCode: http.StatusBadRequest, Reason: ReasonOther},
		"v3/error_data_401_gateway_fault_ASSUMED.json": {StatusCode: http.StatusUnauthorized, Reason: ReasonCredentials},
		"v3/error_data_429_ASSUMED.json":               {StatusCode: http.StatusTooManyRequests, Reason: ReasonRateLimited},
	}
}

// endpoints asks everything that a version has, by the endpoint's name.
func endpoints(ctx context.Context, client *Client) map[string]error {
	from, to := at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z")
	asked := map[string]error{}
	_, asked["egvs"] = client.EGVs(ctx, from, to, nil)
	_, asked["calibrations"] = client.Calibrations(ctx, from, to)
	_, asked["events"] = client.Events(ctx, from, to)
	_, asked["devices"] = client.Devices(ctx)
	_, asked["dataRange"] = client.DataRange(ctx)
	if client.version == V2 {
		_, asked["statistics"] = client.Statistics(ctx, from, to, dayAndNight())
	} else {
		_, asked["alerts"] = client.Alarms(ctx, from, to)
	}
	return asked
}

func TestRefusalSamples(t *testing.T) {
	t.Parallel()
	for name, want := range refusalSamples() {
		body := sample(t, name)
		client := serveVersion(t, versionOf(name), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(want.StatusCode)
			_, _ = w.Write(body)
		})
		for endpoint, err := range endpoints(t.Context(), client) {
			want.Op = endpoint
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%s from %s: %v; want %v", name, endpoint, err, &want)
			}
		}
		// A body that comes with 200 is no answer either.
		client = serveVersion(t, versionOf(name), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
		for endpoint, err := range endpoints(t.Context(), client) {
			if Reason(err) != ReasonDecode {
				t.Errorf("%s from %s with 200: %v", name, endpoint, err)
			}
		}
	}
}

func TestEveryEndpointMeetsAProxy(t *testing.T) {
	t.Parallel()
	for _, version := range []Version{V2, V3} {
		client := serveVersion(t, version, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>alice@example.org")) })
		for endpoint, err := range endpoints(t.Context(), client) {
			if Reason(err) != ReasonDecode || !errors.Is(err, errHTML) || !strings.Contains(err.Error(), endpoint) || strings.Contains(err.Error(), "alice") {
				t.Errorf("%s %s: %v", version, endpoint, err)
			}
		}
	}
}

// Each answer may be as large as its endpoint needs, and not a byte more.
func TestAnswersThatAreTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	t.Parallel()
	mebibytes := map[string]int{"egvs": 32, "calibrations": 8, "events": 8, "alerts": 8, "devices": 1, "dataRange": 1, "statistics": 1}
	for _, version := range []Version{V2, V3} {
		for more, tooLarge := range map[int64]bool{0: false, 1: true} {
			client := serveVersion(t, version, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.CopyN(w, endlessSpace{}, int64(mebibytes[path.Base(r.URL.Path)])<<20+more)
			})
			for endpoint, err := range endpoints(t.Context(), client) {
				want := fmt.Sprintf("larger than %d MiB", mebibytes[endpoint])
				if Reason(err) != ReasonDecode || strings.Contains(err.Error(), want) != tooLarge {
					t.Errorf("%s %s and %d bytes more: %v; want %q: %t", version, endpoint, more, err, want, tooLarge)
				}
			}
		}
	}
}

// Whoever stops waiting for the budget was not refused by it.
func TestGivingUpWaitingIsNoRefusal(t *testing.T) {
	t.Parallel()
	refused := errors.New("not now")
	for name, test := range map[string]struct {
		stop   func(context.Context) (context.Context, context.CancelFunc)
		reason string
		text   string
	}{
		"canceled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, ReasonNetwork, "the program stopped waiting"},
		"late": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 0)
		}, ReasonNetwork, "no answer in time"},
		"refused": {context.WithCancel, ReasonRateLimited, "not now"},
	} {
		client, err := NewClient(Config{BaseURL: "http://dexcom.test", Tokens: FixedToken(""), Wait: func(ctx context.Context) error {
			return cmp.Or(ctx.Err(), refused)
		}, Transport: roundTrip(func(*http.Request) (int, []byte) { t.Error("asked all the same"); return http.StatusOK, nil })})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := test.stop(t.Context())
		_, err = client.DataRange(ctx)
		cancel()
		if Reason(err) != test.reason || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v; want %s: %s", name, err, test.reason, test.text)
		}
	}
}

type endlessSpace struct{}

func (endlessSpace) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// twoTokens has a second token once the first was rejected.
type twoTokens struct{ rejected *atomic.Int32 }

func (s twoTokens) Token(context.Context) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: map[bool]string{true: "old", false: "new"}[s.rejected.Load() == 0]}, nil
}

func (s twoTokens) Reject(*oauth2.Token) { s.rejected.Add(1) }

// A POST is sent again with its body when the token was refused, and asks for the
// budget again.
func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, version := range []Version{V2, V3} {
		for _, accepted := range []string{"new", "none"} {
			var rejected, waited atomic.Int32
			var bodies []string
			statistics := sample(t, "v2/statistics.json")
			client, err := NewClient(Config{
				BaseURL: "http://dexcom.test", Version: version, Tokens: twoTokens{&rejected},
				Wait: func(context.Context) error { waited.Add(1); return nil },
				Transport: roundTrip(func(r *http.Request) (int, []byte) {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, r.Method+" "+string(body))
					if r.Header.Get("Authorization") != "Bearer "+accepted {
						return http.StatusUnauthorized, nil
					}
					return http.StatusOK, statistics
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if version == V2 {
				_, err = client.Statistics(t.Context(), at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z"), dayAndNight())
			} else {
				_, err = client.get(t.Context(), "statistics", nil)
			}
			if want := map[string]string{"new": "", "none": ReasonCredentials}[accepted]; Reason(err) != want {
				t.Errorf("%s, %s token accepted: %v", version, accepted, err)
			}
			if len(bodies) != 2 || bodies[0] != bodies[1] || rejected.Load() != 1 || waited.Load() != 2 {
				t.Errorf("%s: sent %q, rejected %d, waited %d", version, bodies, rejected.Load(), waited.Load())
			}
			if version == V2 && !strings.HasPrefix(bodies[0], `POST {"targetRanges":[{"name":"day"`) || version == V3 && bodies[0] != "GET " {
				t.Errorf("%s: sent %q", version, bodies)
			}
		}
	}
}

func TestPathsOfTheVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[Version][]string{
		V2: {"GET calibrations", "GET dataRange", "GET devices", "GET egvs", "GET events", "POST statistics"},
		V3: {"GET alerts", "GET calibrations", "GET dataRange", "GET devices", "GET egvs", "GET events"},
	} {
		var got []string
		client := serveVersion(t, version, func(w http.ResponseWriter, r *http.Request) {
			endpoint, found := strings.CutPrefix(r.URL.Path, "/prefix/"+string(version)+"/users/self/")
			if !found {
				t.Errorf("%s asked %s", version, r.URL.Path)
			}
			got = append(got, r.Method+" "+endpoint)
			w.WriteHeader(http.StatusNotFound)
		})
		endpoints(t.Context(), client)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s asked %q, want %q", version, got, want)
		}
	}
}

// FuzzRefusal gives any refusal of a data endpoint, whose body may name the person.
func FuzzRefusal(f *testing.F) {
	for name, want := range refusalSamples() {
		f.Add(uint16(want.StatusCode), "30", sample(f, name))
	}
	for _, retryAfter := range []string{
		"", "-1", "1e9", "2147483648", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "\xff",
	} {
		f.Add(uint16(http.StatusTooManyRequests), retryAfter, []byte(`{"fault":"SECRET"}`))
		f.Add(uint16(http.StatusServiceUnavailable), retryAfter, []byte(`<html>SECRET`))
	}
	f.Fuzz(func(t *testing.T, status uint16, retryAfter string, body []byte) {
		answer := fixedAnswer{201 + int(status)%399, http.Header{"Retry-After": {retryAfter}}, body}
		client, err := NewClient(Config{BaseURL: "http://dexcom.test", Tokens: FixedToken("SECRET"), Transport: answer})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.DataRange(t.Context())
		e, ours := errors.AsType[*Error](err)
		if !ours || e.StatusCode != answer.status || e.Err != nil || !slices.Contains(Reasons(), e.Reason) || e.Reason == ReasonConsent {
			t.Fatalf("%d %q: %#v", answer.status, body, err)
		}
		if now := time.Now(); e.RetryAfter < 0 || now.Add(e.RetryAfter).Before(now) {
			t.Errorf("%q: %v", retryAfter, e.RetryAfter)
		}
	})
}
