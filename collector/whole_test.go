package collector

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// windows notes how far back each request for readings reaches, and fails those that
// reach far.
type windows struct {
	next    http.RoundTripper
	failing bool
	last    []bool // of the last poll: whether a request reached back for days
}

func (w *windows) RoundTrip(request *http.Request) (*http.Response, error) {
	from, err := time.Parse(dexcomTime, request.URL.Query().Get("startDate"))
	if err != nil {
		return nil, err
	}
	far := time.Since(from) > 3*24*time.Hour
	w.last = append(w.last, far)
	if far && w.failing {
		return nil, errOutage
	}
	return w.next.RoundTrip(request)
}

// alonePoll is an account whose polls the test makes; nobody does its chores.
type alonePoll struct {
	t      *testing.T
	c      *Collector
	config Config
	*windows
}

// pollAlone has a phone that uploads every five minutes, for long already.
func pollAlone(t *testing.T) *alonePoll {
	t.Helper()
	person := &simulator.Person{Name: "alice", Seed: 1, Sensor: simulator.G6, HoldBack: time.Hour, Since: noon().AddDate(0, 0, -10)}
	cloud := simulator.New(person)
	w := &windows{next: cloud}
	config := follow(cloud, w, person.Name)
	config.History = 4 * 24 * time.Hour
	return &alonePoll{t: t, c: config.collector(), config: config.Config, windows: w}
}

// poll tells whether all that the history keeps was asked for, after a time.
func (p *alonePoll) poll(after time.Duration) (whole bool, added int, err error) {
	p.t.Helper()
	time.Sleep(after)
	p.last = nil
	added, err = p.c.accounts[0].poller(sourceAPI).source.read(p.t.Context())
	if len(p.last) == 0 {
		p.t.Fatal("nobody was asked")
	}
	return p.last[0], added, err
}

// polls makes polls and says which of them must read all.
func (p *alonePoll) polls(what string, afterThat time.Duration, whole bool) {
	p.t.Helper()
	if got, _, err := p.poll(afterThat); got != whole || err != nil {
		p.t.Errorf("%s: reads all: %t, want %t; %v", what, got, whole, err)
	}
}

// Where no chore reads the history the polls do, once a day, an hour after it was due.
func TestPollsReadAllWhereNoChoreDoes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := pollAlone(t)
		p.polls("the first", 0, false)
		p.polls("before the hour is over", 59*time.Minute, false)
		p.polls("after the hour", time.Minute, true)
		p.polls("the next", time.Minute, false)
		p.polls("a day later", 24*time.Hour, false)
		p.polls("an hour after that", time.Hour, true)
		a := p.c.accounts[0]
		a.did(a.whose(a.poller(sourceAPI)), historyChore, time.Now().Add(12*time.Hour))
		p.polls("after the chore did it", 30*time.Hour, false)

		p.c.Forget("alice")
		p.polls("of another person", 0, false)
		p.polls("of another person, early", 59*time.Minute, false)
		p.polls("of another person, an hour later", time.Minute, true)

		p.config.History *= 2
		p.c.Follow(p.config)
		p.polls("of a longer history", 0, false)
		p.polls("of a longer history, an hour later", time.Hour, true)
	})
}

// Reading all may fail, again and again: the newest readings do not wait for it.
func TestAWholeReadThatFailsKeepsNothingAway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := pollAlone(t)
		p.polls("the first", 0, false)
		p.failing = true
		for range 3 {
			if whole, _, err := p.poll(time.Hour); !whole || err == nil {
				t.Errorf("reads all: %t; %v, want it to fail", whole, err)
			}
			if whole, added, err := p.poll(time.Minute); whole || added == 0 || err != nil {
				t.Errorf("the next: reads all: %t; %d readings, %v", whole, added, err)
			}
			p.polls("before the hour is over", 58*time.Minute, false)
		}
		p.failing = false
		p.polls("at last", time.Hour, true)
		p.polls("after that", time.Hour, false)
	})
}

// What only the whole read brings is old: no news, no arrival and no delay of Dexcom's.
// What it brings beside that is as new as ever.
func TestWhatAWholeReadBringsIsSplit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := pollAlone(t)
		p.polls("the first", 0, false)
		time.Sleep(59 * time.Minute)
		a := p.c.accounts[0]
		before := len(a.readings(noon().AddDate(0, 0, -10), time.Now()))
		whole, added, err := p.poll(time.Minute)
		synctest.Wait()
		all := len(a.readings(noon().AddDate(0, 0, -10), time.Now()))
		if !whole || err != nil || added != 12 || all-before < 2*288 {
			t.Errorf("reads all: %t; %d of %d readings are news, %v; want those of the hour", whole, added, all-before, err)
		}
		var counted uint64
		for _, n := range a.arrivals.tally.byRange {
			counted += n
		}
		if delays := delaysOf(t, a); delays != 12 || counted != 12 {
			t.Errorf("%d arrivals and %d delays, want 12", counted, delays)
		}
		if newest := a.newestOf(sourceAPI); time.Since(newest) > 70*time.Minute {
			t.Errorf("the newest is of %v", newest)
		}
	})
}

// delaysOf counts the readings whose delay was taken for the API's.
func delaysOf(t *testing.T, a *account) uint64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(a.own.readingDelay)
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatal(err, families)
	}
	return families[0].GetMetric()[0].GetHistogram().GetSampleCount()
}
