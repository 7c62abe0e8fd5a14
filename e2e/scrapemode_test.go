package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	glucose     = `dexcom_glucose_mg_dl{account="alice"}`
	targetUp    = `up{job="dexcom"}`
	scrapeTook  = `scrape_duration_seconds{job="dexcom"}`
	failedPolls = `dexcom_exporter_polls_total{account="alice",result="network",source="api"}`

	// impatient is a Prometheus that waits two seconds for a scrape.
	impatient = "scrape_interval: 2s, scrape_timeout: 2s"
)

// A Dexcom that takes longer for its answers than Prometheus waits for a scrape
// costs no scrape, and more scrapers cost no more calls.
func TestScrapeModeWithASlowDexcom(t *testing.T) {
	t.Parallel()
	const answersAfter, least = 5 * time.Second, 6 * time.Second
	f := newFamily(t)
	g := f.behindGate(t)
	f.linkHere(t, "alice")
	f.poll = fmt.Sprintf("{mode: scrape, min_interval: %v}", least)
	f.cloud.FailDataAtRandom(simulator.Target{Endpoint: "egvs"}, 1, 1, simulator.DelayAnswer(answersAfter))
	e := f.serve(t)
	e.visitor().get(t, "/-/ready", http.StatusOK)
	if asked := g.questions(question.newest); len(asked) > 0 {
		t.Errorf("%d polls before the first scrape", len(asked))
	}

	server := startPrometheus(t, e.job(impatient))
	server.expect(t, targetUp, present)
	stop := e.scrapeMore(t, 3)
	server.expect(t, glucose, present)
	eventually(t, func() error {
		if asked := g.questions(question.newest); len(asked) < 3 {
			return fmt.Errorf("asked %d times", len(asked))
		}
		return nil
	})
	stop()

	expectScrapes(t, server)
	first := server.stored(t, targetUp)[0].at
	if took := server.stored(t, scrapeTook)[0].value; took < 1.4 {
		t.Errorf("the first scrape took %v s: it did not wait as long as it could", took)
	}
	if shown := server.stored(t, glucose)[0].at.Sub(first); shown < answersAfter-time.Second {
		t.Errorf("a value %v after the first scrape: Dexcom was not slow", shown)
	}
	expectPace(t, g, least)
}

// scrapeMore lets others scrape too, hardly with a pause, until stop is called.
func (e exporter) scrapeMore(t *testing.T, scrapers int) (stop func()) {
	t.Helper()
	more := e.visitor()
	more.header = [2]string{"X-Prometheus-Scrape-Timeout-Seconds", "1"}
	done := make(chan struct{})
	var running sync.WaitGroup
	for range scrapers {
		running.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(100 * time.Millisecond): // asking must not keep a core busy
				}
				if got, err := more.ask(http.MethodGet, "/metrics"); err != nil || got.status != http.StatusOK {
					t.Errorf("another scraper: %d, %v", got.status, err)
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		close(done)
		running.Wait()
	})
}

// expectScrapes expects that every scrape succeeded within its timeout, and that
// there were some.
func expectScrapes(t *testing.T, server prometheus) {
	t.Helper()
	scrapes := server.stored(t, targetUp)
	if len(scrapes) < 5 {
		t.Errorf("only %d scrapes", len(scrapes))
	}
	for _, up := range scrapes {
		if up.value != 1 {
			t.Errorf("the scrape of %v failed", up.at)
		}
	}
	for _, took := range server.stored(t, scrapeTook) {
		if took.value >= 2 {
			t.Errorf("the scrape of %v took %v s", took.at, took.value)
		}
	}
}

// expectPace expects that polls began so far apart at least.
func expectPace(t *testing.T, g *gate, least time.Duration) {
	t.Helper()
	const onTheWay = 500 * time.Millisecond // a request may need on a busy machine
	asked := g.questions(question.newest)
	for i := range asked[1:] {
		if apart := asked[i+1].at.Sub(asked[i].at); apart < least-onTheWay {
			t.Errorf("polls %d and %d are %v apart, want %v", i, i+1, apart, least)
		}
	}
}

// A Dexcom that never answers again costs no scrape either. The value goes when it
// is stale, its time stays, and once the call is given up dexcom_up says so.
//
// That takes a minute and a half: this test begins before all parallel ones, and its
// end queues behind them.
func TestScrapeModeWhenDexcomHangs(t *testing.T) {
	f := newFamily(t)
	g := f.behindGate(t)
	f.linkHere(t, "alice")
	s := f.staleSoon(g, 20*time.Second)
	s.server = startPrometheus(t, f.serve(t).job(impatient))
	s.server.expect(t, glucose, present)
	s.server.expect(t, apiUp, func(up float64, _ bool) bool { return up == 1 })
	g.hang(true)
	s.hung = time.Now()
	t.Parallel()
	t.Run("in the end", func(t *testing.T) {
		t.Parallel()
		s.expectNoValue(t)
		s.expectDown(t)
		expectScrapes(t, s.server)
		g.hang(false)
		eventuallyWithin(t, 2*time.Minute, func() error { // failures keep their distance
			up, _, err := s.server.query(apiUp)
			if err == nil && up != 1 {
				err = fmt.Errorf("dexcom_up is %v after Dexcom answers again", up)
			}
			return err
		})
	})
}

// silence is what comes after the last answer of a Dexcom.
type silence struct {
	server prometheus
	hung   time.Time

	last       time.Time     // of alice's newest reading
	staleAfter time.Duration // the account's
}

// staleSoon lets Dexcom have no newer reading of alice than one that is stale soon.
func (f *family) staleSoon(g *gate, soon time.Duration) silence {
	const leastStaleAfter = 75 * time.Minute // that the configuration allows
	now := time.Now()
	known := f.cloud.Person("alice").AvailableReadings(now.Add(-24*time.Hour), now.Add(-leastStaleAfter), now)
	last := known[len(known)-1].SystemTime
	g.release(func(at time.Time) bool { return !at.After(last) })
	staleAfter := (now.Sub(last) + soon).Round(time.Second)
	f.poll = "{mode: scrape, min_interval: 1s}"
	f.accounts = fmt.Sprintf("  - {name: alice, stale_after: %.0fs, api: {region: us}}\n", staleAfter.Seconds())
	return silence{last: last, staleAfter: staleAfter}
}

// expectNoValue expects that the value was shown until it was stale, and that its
// time still is.
func (s silence) expectNoValue(t *testing.T) {
	t.Helper()
	s.server.expect(t, glucose, func(_ float64, found bool) bool { return !found })
	shown := s.server.stored(t, glucose)
	age := shown[len(shown)-1].at.Sub(s.last)
	if age > s.staleAfter+2*time.Second || age < s.staleAfter-6*time.Second { // a scrape begins up to 2 s before it shows
		t.Errorf("the value was shown %v after the reading, stale after %v", age, s.staleAfter)
	}
	s.server.expect(t, newest, func(at float64, _ bool) bool { return at == float64(s.last.UnixMilli())/1000 })
}

// expectDown expects that dexcom_up falls when the call is given up, not sooner and
// not much later.
func (s silence) expectDown(t *testing.T) {
	t.Helper()
	const givenUp = 90 * time.Second
	eventuallyWithin(t, time.Until(s.hung.Add(givenUp))+patience, func() error {
		up, found, err := s.server.query(apiUp)
		if err == nil && (!found || up != 0) {
			err = fmt.Errorf("dexcom_up is %v (found: %v) %v after Dexcom answered last", up, found, time.Since(s.hung))
		}
		return err
	})
	s.server.expect(t, failedPolls, func(failed float64, _ bool) bool { return failed > 0 })
	for _, up := range s.server.stored(t, apiUp) {
		if silent := up.at.Sub(s.hung); up.value == 0 && silent > 0 {
			if silent < givenUp-5*time.Second || silent > givenUp+10*time.Second {
				t.Errorf("dexcom_up fell after %v of silence", silent)
			}
			return
		}
	}
}
