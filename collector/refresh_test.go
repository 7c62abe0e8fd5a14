package collector

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// slow answers each request for readings after a time, and notes when it began.
type slow struct {
	next http.RoundTripper
	took time.Duration

	mu     sync.Mutex
	began  []time.Time
	others map[string]int // requests for all else, by endpoint
	fail   bool
}

func (s *slow) RoundTrip(request *http.Request) (*http.Response, error) {
	endpoint := request.URL.Path[strings.LastIndex(request.URL.Path, "/")+1:]
	start, _ := time.Parse("2006-01-02T15:04:05", request.URL.Query().Get("startDate"))
	s.mu.Lock()
	fail := s.fail
	if endpoint == "egvs" && time.Since(start) > 48*time.Hour {
		endpoint = "history"
	}
	if endpoint == "egvs" {
		s.began = append(s.began, time.Now())
	} else {
		s.others[endpoint]++
	}
	s.mu.Unlock()
	if err := sleep(request.Context(), s.took); err != nil {
		return nil, err
	}
	if fail {
		return answering(http.StatusBadGateway).RoundTrip(request)
	}
	return s.next.RoundTrip(request)
}

func (s *slow) polls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.began)
}

// asked is how often anybody asked for something else than new readings.
func (s *slow) asked(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.others[endpoint]
}

// onScrape runs a collector of some people that polls on scrapes.
func onScrape(t *testing.T, took time.Duration, names ...string) (c *Collector, s *slow, stop func()) {
	t.Helper()
	var people []*simulator.Person
	for i, name := range names {
		people = append(people, &simulator.Person{Name: name, Seed: uint64(90 + i), HoldBack: time.Hour, Since: noon().Add(-10 * 24 * time.Hour)})
	}
	cloud := simulator.New(people...)
	s = &slow{next: cloud, took: took, others: map[string]int{}}
	config := follow(cloud, s, names...)
	config.OnScrape = true
	c, stop = run(t, config)
	return c, s, stop
}

// refreshed is how long a refresh took, that may take as long as the deadline.
func refreshed(t *testing.T, c *Collector, deadline time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	start := time.Now()
	c.Refresh(ctx)
	return time.Since(start)
}

func TestRefreshWaitsForThePolls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, time.Second, "a", "b")
		time.Sleep(3 * time.Hour)
		if got := s.polls(); got != 0 || !c.Ready() {
			t.Errorf("%d polls before the first scrape, ready %t", got, c.Ready())
		}
		if took := refreshed(t, c, 10*time.Second); took != time.Second || s.polls() != 2 {
			t.Errorf("took %v for %d polls, want a second for two", took, s.polls())
		}
		for _, s := range c.Snapshots() {
			if !s.HasNewest || !s.Sources[0].Up() {
				t.Errorf("%s has nothing after the refresh: %+v", s.Account, s.Sources)
			}
		}
		stop()
	})
}

func TestRefreshDoesNotPollTooOften(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, time.Second, "a")
		for second := range 10 * 60 { // a scrape a second
			if took := refreshed(t, c, 500*time.Millisecond); took != 0 && took != 500*time.Millisecond {
				t.Errorf("second %d: took %v", second, took)
			}
			time.Sleep(time.Until(noon().Add(time.Duration(second+1) * time.Second)))
		}
		stop()
		if n := s.polls(); n < 10 || n > 11 { // the last may begin with the last moment
			t.Errorf("%d polls in ten minutes, want one a minute", s.polls())
		}
		for i := 1; i < len(s.began); i++ {
			if apart := s.began[i].Sub(s.began[i-1]); apart < time.Minute {
				t.Errorf("polls %v apart", apart)
			}
		}
	})
}

func TestRefreshBacksOffAfterFailures(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, 0, "a")
		s.fail = true
		for range 60 {
			if took := refreshed(t, c, time.Second); took > early {
				t.Fatalf("a refresh took %v", took)
			}
			time.Sleep(time.Minute)
		}
		if got := s.polls(); got < 4 || got > 9 {
			t.Errorf("%d polls in an hour of failures, want them backed off", got)
		}
		s.mu.Lock()
		s.fail = false
		s.mu.Unlock()
		time.Sleep(25 * time.Minute)
		refreshed(t, c, time.Second)
		if !c.Snapshots()[0].Sources[0].Up() {
			t.Error("not up after the outage")
		}
		stop()
	})
}

// The poll outlives the scrape that started it: the next one has what it brought.
func TestRefreshReturnsAtItsDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, 5*time.Second, "a", "b", "c")
		for scrape, want := range []time.Duration{1500 * time.Millisecond, 1500 * time.Millisecond, 1500 * time.Millisecond, 500 * time.Millisecond} {
			if took := refreshed(t, c, 1500*time.Millisecond); took != want {
				t.Errorf("scrape %d took %v, want %v", scrape, took, want)
			}
			if has := c.Snapshots()[2].HasNewest; has != (scrape == 3) {
				t.Errorf("scrape %d: has a reading %t", scrape, has)
			}
		}
		if s.polls() != 3 {
			t.Errorf("%d polls, want one for each account, joined", s.polls())
		}
		stop()
	})
}

func TestManyRefreshesMakeOnePoll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, 2*time.Second, "a", "b")
		var scrapers sync.WaitGroup
		for range 50 {
			scrapers.Go(func() {
				if took := refreshed(t, c, 10*time.Second); took != 2*time.Second {
					t.Errorf("a refresh took %v", took)
				}
			})
		}
		scrapers.Wait()
		if s.polls() != 2 {
			t.Errorf("%d polls, want one for each account", s.polls())
		}
		stop()
	})
}

// The history and all else are read beside the scrapes, never in one.
func TestTheHistoryIsNotReadInARefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, time.Second, "a")
		if took := refreshed(t, c, 10*time.Second); took != time.Second {
			t.Errorf("took %v, want only the newest readings", took)
		}
		if s.asked("history") > 0 {
			t.Error("the history was asked for before the refresh ended")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s.asked("history") != 1 || s.asked("devices") != 1 {
			t.Error("want the history and the rest once after the scrape")
		}
		stop()
	})
}

func TestInTheBackgroundARefreshDoesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, time.Second, "a")
		background := Config{MinInterval: time.Hour, MaxInterval: time.Hour, History: 24 * time.Hour}
		for _, a := range c.accounts {
			background.Accounts = append(background.Accounts, a.settings)
		}
		c.Follow(background)
		time.Sleep(30 * time.Minute)
		before := s.polls()
		if took := refreshed(t, c, 10*time.Second); took != 0 || s.polls() != before || before == 0 {
			t.Errorf("took %v, %d polls, %d before", took, s.polls(), before)
		}
		stop()
	})
}

// What is asked for by name, as after a link, does not wait for a scrape.
func TestPollOnDemand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s, stop := onScrape(t, time.Second, "a", "b")
		c.Poll("b")
		c.Poll("b")
		time.Sleep(2 * time.Second)
		if s.polls() != 1 || !c.Snapshots()[1].HasNewest || c.Snapshots()[0].HasNewest {
			t.Errorf("%d polls: %+v", s.polls(), c.Snapshots())
		}
		refreshed(t, c, 10*time.Second)
		if s.polls() != 2 {
			t.Errorf("%d polls, want a's only in addition", s.polls())
		}
		stop()
	})
}

// A scrape that waits when the account goes, or the program ends, waits no longer.
func TestAPollerThatStopsKeepsNobodyWaiting(t *testing.T) {
	for name, end := range map[string]func(c *Collector, stop func()){
		"the account goes": func(c *Collector, _ func()) { c.Follow(Config{OnScrape: true}) },
		"the program ends": func(_ *Collector, stop func()) { stop() },
	} {
		bubbleOf(t, name, func(t *testing.T) {
			c, _, stop := onScrape(t, time.Hour, "a")
			done := make(chan time.Duration, 1)
			go func() { done <- refreshed(t, c, 50*time.Minute) }()
			time.Sleep(10 * time.Second)
			end(c, stop)
			if took := <-done; took > 11*time.Second {
				t.Errorf("waited %v, want until the end", took)
			}
			stop()
		})
	}
}

// A scrape that comes while the program ends is answered with what is there.
func TestARefreshAfterTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _, stop := onScrape(t, 0, "a")
		refreshed(t, c, time.Second)
		stop()
		time.Sleep(time.Minute)
		if took := refreshed(t, c, 10*time.Second); took > 0 {
			t.Errorf("waited %v for a poll that does not come", took)
		}
	})
}

// A scrape that found its poller before a reload stopped it does not wait either.
func TestJoiningAPollerThatStopped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _, stop := onScrape(t, 0, "a")
		poller := c.accounts[0].poller(sourceAPI)
		c.Follow(Config{OnScrape: true})
		synctest.Wait()
		time.Sleep(time.Minute)
		select {
		case <-poller.demand.join():
		case <-time.After(10 * time.Second):
			t.Error("waits for a poll that does not come")
		}
		stop()
	})
}
