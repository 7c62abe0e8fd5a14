package simulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// way is how a plain client reaches a cloud.
type way struct {
	cloud  *Cloud
	client *http.Client
	base   string
}

// bothWays runs a test with sockets and without.
func bothWays(t *testing.T, test func(t *testing.T, to way)) {
	t.Helper()
	t.Run("sockets", func(t *testing.T) {
		t.Parallel()
		test(t, onSockets(t, httptest.NewUnstartedServer(linkable(t)), (*httptest.Server).Start))
	})
	t.Run("no sockets", func(t *testing.T) {
		t.Parallel()
		test(t, noSockets(t))
	})
}

func noSockets(t *testing.T) way {
	t.Helper()
	c := linkable(t)
	return way{c, &http.Client{Transport: c}, site}
}

// inBubble is a way without sockets at a time when there are readings.
func inBubble(t *testing.T) way {
	t.Helper()
	time.Sleep(time.Until(noon()))
	return noSockets(t)
}

// onSockets starts a server. No connection is used twice, since a client sends
// a request again on its own when an old connection breaks.
func onSockets(t *testing.T, server *httptest.Server, start func(*httptest.Server)) way {
	t.Helper()
	start(server)
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	transport.DisableKeepAlives = !server.EnableHTTP2
	return way{server.Config.Handler.(*Cloud), server.Client(), server.URL}
}

// reply is what a client has got.
type reply struct {
	status int // 0 is none
	length int64
	header http.Header
	body   string
	err    error
}

// request is a request for a person's data.
func (to way) request(t testing.TB, person, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+to.cloud.AccessToken(person))
	return r
}

func (to way) get(t testing.TB, person, path string) reply {
	t.Helper()
	return to.do(to.request(t, person, path))
}

func (to way) do(r *http.Request) reply {
	response, err := to.client.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.ContentLength, response.Header, string(body), err}
}

// aDay is the path of a day's readings long past.
func aDay() string { return egvsPath + "?" + between(noon().AddDate(0, 0, -1), noon()).Encode() }

// aMorning is the path of fewer readings, of which each kind of spoiling spoils some.
func aMorning() string { return egvsPath + "?" + between(noon().Add(-6*time.Hour), noon()).Encode() }

// good is an answer without faults.
func (to way) good(t testing.TB, person, path string) string {
	t.Helper()
	got := to.get(t, person, path)
	if got.err != nil || got.status != http.StatusOK || len(got.body) < 100 {
		t.Fatalf("%s: %d, %d bytes, %v", path, got.status, len(got.body), got.err)
	}
	return got.body
}

// about tells whether a duration is as wanted but for rounding.
func about(got, want time.Duration) bool { return got <= want && got > want-time.Microsecond }
