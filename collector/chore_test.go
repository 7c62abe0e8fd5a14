package collector

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pieces fails one endpoint and counts the requests of each.
type pieces struct {
	next     http.RoundTripper
	endpoint string
	fail     http.RoundTripper

	mu   sync.Mutex
	asks map[string][]time.Time
}

func (p *pieces) RoundTrip(request *http.Request) (*http.Response, error) {
	endpoint := request.URL.Path[strings.LastIndex(request.URL.Path, "/")+1:]
	p.mu.Lock()
	p.asks[endpoint] = append(p.asks[endpoint], time.Now())
	p.mu.Unlock()
	if endpoint == p.endpoint {
		return p.fail.RoundTrip(request)
	}
	return p.next.RoundTrip(request)
}

// hour follows one person for an hour while an endpoint fails.
func hour(t *testing.T, config func(*Config), endpoint string, fail http.RoundTripper) (*pieces, Snapshot) {
	t.Helper()
	travel(noon())
	person := tenPeople()[5]
	cloud := simulator.New(person)
	p := &pieces{next: cloud, endpoint: endpoint, fail: fail, asks: map[string][]time.Time{}}
	settings := follow(cloud, p, person.Name)
	config(&settings.Config)
	c, stop := run(t, settings)
	time.Sleep(time.Hour)
	synctest.Wait()
	stop()
	return p, c.Snapshots()[0]
}

// hanging never answers.
type hanging struct{}

func (hanging) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

// refusing answers 429.
type refusing struct{ retryAfter string }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {r.retryAfter}}, Body: http.NoBody}, nil
}

// longest is the longest time between two requests.
func longest(asks []time.Time) time.Duration {
	var most time.Duration
	for i := 1; i < len(asks); i++ {
		most = max(most, asks[i].Sub(asks[i-1]))
	}
	return most
}

func TestAChoreThatHangsDelaysNoReadings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, s := hour(t, func(config *Config) { config.MaxInterval = time.Minute }, "devices", hanging{})
		if got := longest(p.asks["egvs"][2:]); got > time.Minute+time.Second { // the second is the history
			t.Errorf("the longest silence was %v, want a minute", got)
		}
		if !s.Live() || s.Sources[0].NextPoll.Before(s.Now) {
			t.Errorf("live %t, next poll %v before now", s.Live(), s.Now.Sub(s.Sources[0].NextPoll))
		}
	})
}

func TestAChoreThatFailsBacksOffAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, s := hour(t, func(*Config) {}, "devices", refusing{})
		if got := len(p.asks["devices"]); got < 4 || got > 9 {
			t.Errorf("devices were asked for %d times, want it backed off", got)
		}
		if !s.Sources[0].Up() || s.Ranges.EGVs.End.IsZero() || len(s.Devices) != 0 {
			t.Errorf("the others suffer: %+v", s)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := hour(t, func(*Config) {}, "egvs", refusing{"1200"})
		if asks := p.asks["egvs"]; len(asks) != 3 || asks[1].Sub(asks[0]) < 20*time.Minute {
			t.Errorf("asked at %v, want 20 minutes between", asks)
		}
	})
}

func TestChoresComeSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := hour(t, func(*Config) {}, "", nil)
		for endpoint, most := range map[string]int{"egvs": 20, "devices": 5, "dataRange": 5, "calibrations": 5, "events": 5, "alerts": 5} {
			if got := len(p.asks[endpoint]); got == 0 || got > most {
				t.Errorf("%s: %d requests in an hour, want 1 to %d", endpoint, got, most)
			}
		}
	})
}

// A chore that fits into one request is one, at whatever part of a second it runs.
func TestAChoreIsOneRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		time.Sleep(300 * time.Millisecond)
		person := tenPeople()[5]
		cloud := simulator.New(person)
		p := &pieces{next: cloud, asks: map[string][]time.Time{}}
		_, stop := run(t, follow(cloud, p, person.Name))
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		for _, endpoint := range []string{"devices", "dataRange", "calibrations", "events", "alerts"} {
			if got := len(p.asks[endpoint]); got != 1 {
				t.Errorf("%s: %d requests, want one", endpoint, got)
			}
		}
	})
}

// Kinds of events that nobody wants are not asked for.
func TestNobodyAsksForEventsThatNobodyWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := hour(t, func(config *Config) { config.Accounts[0].Events = nil }, "", nil)
		if len(p.asks["events"]) > 0 || len(p.asks["calibrations"]) == 0 {
			t.Errorf("asked for events %d times", len(p.asks["events"]))
		}
	})
}

// The app of one region is busy: the others do not wait for its accounts.
func TestAnotherRegionIsNotKeptWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		people := tenPeople()
		cloud := simulator.New(people...)
		var names []string
		for _, p := range people {
			names = append(names, p.Name)
		}
		w := socketless(cloud, cloud)
		w.callsPerHour[dexcom.EU] = 1
		w.region = func(i int) dexcom.Region {
			if i == 0 {
				return dexcom.US
			}
			return dexcom.EU
		}
		c, stop := run(t, w.follow(names...))
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		if s := c.Snapshots()[0]; len(s.Devices) == 0 || s.Ranges.EGVs.End.IsZero() {
			t.Errorf("%+v: want its devices and ranges", s)
		}
	})
}

// What is told while the chores are busy is not forgotten.
func TestNewsAreKept(t *testing.T) {
	t.Parallel()
	p := &apiSource{polled: make(chan bool, 1)}
	var got []bool
	for _, told := range [][]bool{{true, false}, {false, true, false}, {false, false}} {
		for _, news := range told {
			p.answered(news)
		}
		got = append(got, <-p.polled)
	}
	if !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("got %v", got)
	}
}
