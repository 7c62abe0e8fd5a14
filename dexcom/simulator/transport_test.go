package simulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRoundTripHonoursTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.dexcom.test/v3/users/self/devices", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := New().RoundTrip(r)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if response != nil {
		_ = response.Body.Close()
		t.Error("got a response too")
	}
}

// closing tells whether a request's body was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestRoundTripKeepsTheContract(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	body := &closing{Reader: strings.NewReader("{}")}
	r, err := http.NewRequestWithContext(t.Context(), "", "https://api.dexcom.test/v3/users/self/devices", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Method = "" // means GET
	r.Header.Set("Authorization", "Bearer "+c.AccessToken("plain"))
	response, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.Request != r || response.Status != "200 OK" || response.StatusCode != http.StatusOK {
		t.Errorf("got %+v", response)
	}
	if r.Method != "" || r.RequestURI != "" || !body.closed {
		t.Errorf("request is now %+v, its body closed: %v", r, body.closed)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || int64(len(text)) != response.ContentLength {
		t.Errorf("%d bytes of %d, %v", len(text), response.ContentLength, err)
	}
}

// A week on the fake clock: the client sees each reading once, never before it
// is available and at most one poll later.
func TestAWeekInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &Person{Name: "alice", Seed: 51, Rhythm: Hourly, HoldBack: time.Hour, OfflineShare: 0.1}
		c := New(p)
		const poll = 15 * time.Minute
		start := time.Now()
		seen := make(map[string]time.Time)
		for time.Since(start) < 7*24*time.Hour {
			now := time.Now()
			_, body := ask(t, c, "alice", egvsPath, between(now.Add(-24*time.Hour), now))
			for record := range strings.SplitSeq(string(body), `"recordId":"`) {
				if id, _, ok := strings.Cut(record, `","systemTime"`); ok && seen[id].IsZero() {
					seen[id] = now
				}
			}
			time.Sleep(poll)
		}
		for _, r := range p.AvailableReadings(start, time.Now(), time.Now().Add(-poll)) {
			late := seen[r.RecordID].Sub(r.Available)
			if late < 0 || late > poll {
				t.Errorf("%v available %v, seen %v", r.SystemTime, r.Available, seen[r.RecordID])
			}
		}
		if len(seen) < 1800 {
			t.Errorf("saw %d readings in a week", len(seen))
		}
	})
}
