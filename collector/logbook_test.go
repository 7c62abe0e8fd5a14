package collector

import (
	"errors"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// logbook notes whom the program asks Dexcom's API about, and when.
type logbook struct {
	next   http.RoundTripper
	owners map[string]int // by the header that shows whom a call is for

	mu      sync.Mutex       // guards what follows
	out     bool             // nobody reaches the API
	calls   []map[string]int // by person and endpoint
	refused int              // over Dexcom's own limit
	unknown int              // with a token that is none
	asked   [][]time.Time    // by person: when there was an answer about readings
}

func newLogbook(cloud *simulator.Cloud, next http.RoundTripper, names []string) *logbook {
	l := &logbook{next: next, owners: map[string]int{}, asked: make([][]time.Time, len(names))}
	for i, name := range names {
		l.owners["Bearer "+cloud.AccessToken(name)] = i
		l.calls = append(l.calls, map[string]int{})
	}
	return l
}

// errOutage is what callers hear while nobody reaches the API.
var errOutage = errors.New("no route to Dexcom")

func (l *logbook) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.HasPrefix(request.URL.Path, "/ShareWebServices") {
		return l.next.RoundTrip(request)
	}
	return l.note(l.owners[request.Header.Get("Authorization")], request)
}

// note sends a call for a person and notes what becomes of it.
func (l *logbook) note(owner int, request *http.Request) (*http.Response, error) {
	endpoint := path.Base(request.URL.Path)
	l.mu.Lock()
	l.calls[owner][endpoint]++
	out := l.out
	l.mu.Unlock()
	if out {
		return nil, errOutage
	}
	response, err := l.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		l.refused++
	case response.StatusCode == http.StatusUnauthorized:
		l.unknown++
	case endpoint == "egvs":
		l.asked[owner] = append(l.asked[owner], time.Now())
	}
	return response, nil
}

// column is the part of a logbook for one person, whose tokens change.
type column struct {
	*logbook

	owner int
}

func (c column) RoundTrip(request *http.Request) (*http.Response, error) {
	return c.note(c.owner, request)
}

// cut takes the API away, or gives it back.
func (l *logbook) cut(out bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = out
}

// begin forgets what was counted until now.
func (l *logbook) begin() (since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, calls := range l.calls {
		clear(calls)
	}
	l.refused, l.unknown = 0, 0
	return time.Now()
}

// shallow asks the simulator for a few hours where days are asked for: nothing that is
// new is older, and the past of a fleet costs too much.
type shallow struct{ next http.RoundTripper }

func (s shallow) RoundTrip(request *http.Request) (*http.Response, error) {
	if query := request.URL.Query(); query.Has("startDate") {
		least := time.Now().UTC().Add(-3 * time.Hour).Format("2006-01-02T15:04:05")
		query.Set("startDate", max(query.Get("startDate"), least))
		request = request.Clone(request.Context())
		request.URL.RawQuery = query.Encode()
	}
	return s.next.RoundTrip(request)
}

// liveDelays are how long after their publication on Share readings came.
type liveDelays struct{ added, everyFive []time.Duration }

// add takes a person's readings of a time, of what was published since another one.
func (l *liveDelays) add(p *simulator.Person, a *account, from, to, since time.Time) {
	arrived := map[int64]time.Time{}
	for _, r := range a.readings(from.Add(-time.Minute), to.Add(time.Minute)) {
		arrived[r.Time.Unix()] = r.Arrived
	}
	const shown = 23 * time.Hour // what is published later is too old for Share
	for _, r := range p.ShareReadings(from, to, time.Now().Add(-2*cadence)) {
		if !r.Published.After(since) || r.Published.Sub(r.Time) > shown {
			continue
		}
		delay := time.Since(r.Published) // at least, of what did not come
		if at, there := arrived[r.Time.Unix()]; there {
			delay = max(0, at.Add(time.Second/2).Sub(r.Published)) // arrivals are cut to seconds
		}
		l.added = append(l.added, delay)
		l.everyFive = append(l.everyFive, usual-r.Published.Sub(since)%usual)
	}
}

// spreadShare is a person's way to Share, as the program makes it: beside those of others.
func (w world) spreadShare(t *testing.T, calls *Calls, name string) *dexcom.Share {
	t.Helper()
	w.cloud.Share(simulator.ShareAccount{Person: name, Username: name, Password: name})
	share, err := dexcom.NewShare(dexcom.ShareConfig{
		Region: dexcom.ShareUS, BaseURL: w.baseURL, Username: name, Password: name,
		Transport: calls.ShareTransport(w.transport), Wait: calls.ShareWait(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return share
}
