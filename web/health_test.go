package web

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// roundTrip answers in place of Dexcom, for the answers a healthy cloud never gives.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// down is a network that is not there.
func down() roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") }
}

// silent takes requests and never answers.
func silent() roundTrip {
	return func(request *http.Request) (*http.Response, error) {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	_, cloud := alice()
	token := cloud.AccessToken("alice")
	for name, test := range map[string]struct {
		transports []http.RoundTripper
		before     time.Duration // the last moment at which it is not ready
		after      time.Duration // the first at which it is
	}{
		"answer":                      {[]http.RoundTripper{cloud}, -1, 0},
		"failure":                     {[]http.RoundTripper{down()}, -1, 0},
		"an answer and a failure":     {[]http.RoundTripper{cloud, down()}, -1, 0},
		"silence until the call ends": {[]http.RoundTripper{silent()}, 89 * time.Second, 91 * time.Second},
		"an answer and silence":       {[]http.RoundTripper{cloud, silent(), cloud}, 89 * time.Second, 91 * time.Second},
		"nobody to follow":            {nil, -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				var accounts []collector.Account
				for _, transport := range test.transports {
					accounts = append(accounts, through(t, transport, name, token))
				}
				c := follow(t, accounts...)
				handler := siteOf(t, local(), c)
				if len(accounts) > 0 {
					expectReady(t, handler, false)
				}
				go c.Run(t.Context())
				synctest.Wait()
				if test.before >= 0 {
					expectReady(t, handler, false)
					time.Sleep(test.before)
					expectReady(t, handler, false)
					time.Sleep(test.after - test.before)
				}
				expectReady(t, handler, true)
			})
		})
	}
}

// Nobody waits longer than two minutes, even where no poll ever starts.
func TestReadyAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		handler := site(t, local())
		time.Sleep(2*time.Minute - time.Nanosecond)
		expectReady(t, handler, false)
		time.Sleep(time.Nanosecond)
		expectReady(t, handler, true)
	})
}

func expectReady(t *testing.T, handler http.Handler, ready bool) {
	t.Helper()
	status, text := http.StatusServiceUnavailable, "not ready: some accounts have not been asked for the first time yet\n"
	if ready {
		status, text = http.StatusOK, "ready\n"
	}
	if answer := ask(handler, "GET", "/-/ready", nil); answer.Code != status || answer.Body.String() != text {
		t.Errorf("/-/ready: status %d, %q; want %d, %q", answer.Code, answer.Body, status, text)
	}
	if answer := ask(handler, "GET", "/-/healthy", nil); answer.Code != http.StatusOK {
		t.Errorf("/-/healthy: status %d", answer.Code)
	}
}
