package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

func TestScrapePatience(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":         9500 * time.Millisecond,
		"2":        1500 * time.Millisecond,
		"2.25":     1750 * time.Millisecond,
		"10":       9500 * time.Millisecond,
		"0.75":     250 * time.Millisecond,
		"0.5":      0,
		"0.1":      0,
		"60":       59500 * time.Millisecond,
		"3600":     59500 * time.Millisecond,
		"1e300":    59500 * time.Millisecond,
		"+Inf":     59500 * time.Millisecond,
		"NaN":      9500 * time.Millisecond,
		"-Inf":     9500 * time.Millisecond,
		"-3":       9500 * time.Millisecond,
		"0":        9500 * time.Millisecond,
		"1e-400":   9500 * time.Millisecond,
		"soon":     9500 * time.Millisecond,
		"2s":       9500 * time.Millisecond,
		"2,5":      9500 * time.Millisecond,
		"1e999999": 9500 * time.Millisecond,
	} {
		r := &http.Request{Header: http.Header{}}
		if header != "" {
			r.Header.Set(timeoutHeader, header)
		}
		if got := scrapePatience(r, 0); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

// onScrape runs the program with polls on scrapes, for accounts that are linked,
// and says what it asked Dexcom to link them.
func onScrape(t *testing.T, d *pretender, accounts ...string) (s *server, linking int) {
	t.Helper()
	var listed []string
	for _, account := range accounts {
		listed = append(listed, us(account))
	}
	file := configured(t, configure(d.address, listed, "poll: {mode: scrape}"))
	linkBefore(t, d, file, accounts...)
	linking = d.count("")
	return start(t, file), linking
}

// timed scrapes and says how long it took.
func (s *server) timed(t *testing.T, headers ...string) (scrape, time.Duration) {
	t.Helper()
	began := time.Now()
	status, _, body := s.ask(t, "GET", "/metrics", headers...)
	took := time.Since(began)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil || status != http.StatusOK {
		t.Errorf("scrape: %d %v", status, err)
	}
	found := scrape{}
	for name, family := range families {
		found[name] = map[string]float64{}
		for _, metric := range family.GetMetric() {
			found[name][labels(metric)] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	return found, took
}

// hasReading tells whether a scrape shows a reading of an account.
func (s scrape) hasReading(account string) bool {
	_, there := s["dexcom_glucose_mg_dl"][account]
	return there && s["dexcom_up"][account+" source=api"] == 1
}

// Only scrapes ask Dexcom, and what they ask for is in their own answer. What comes
// beside the readings, and the history, is not waited for.
func TestAScrapeAsksDexcom(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	s, linking := onScrape(t, d, "alice")
	if status, _, _ := s.ask(t, "GET", "/-/ready"); status != http.StatusOK {
		t.Errorf("not ready at once: %d", status)
	}
	for _, page := range []string{"/", "/style.css", "/-/healthy", "/-/ready"} {
		s.ask(t, "GET", page)
	}
	time.Sleep(300 * time.Millisecond)
	if asked := d.count("") - linking; asked != 0 {
		t.Errorf("%d requests before the first scrape", asked)
	}

	release := make(chan struct{})
	d.holding(func(endpoint string, nth int) <-chan struct{} {
		if endpoint == "egvs" && nth == 1 {
			return nil
		}
		return release
	})
	seen, took := s.timed(t)
	if !seen.hasReading("alice") || took > 5*time.Second {
		t.Errorf("the first scrape took %v and shows %v, up %v", took, seen["dexcom_glucose_mg_dl"], seen["dexcom_up"])
	}
	close(release)
	waitFor(t, func() bool { return d.count("egvs") == 2 }) // the history
	asked := d.count("")
	for range 5 {
		if seen, _ = s.timed(t); !seen.hasReading("alice") {
			t.Error("a scrape within the least interval shows no reading")
		}
	}
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests within the least interval", again)
	}
}

func TestAScrapeAsksAgainAfterTheLeastInterval(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	file := configured(t, configure(d.address, []string{us("alice")}, "poll: {mode: scrape, min_interval: 1s}"))
	linkBefore(t, d, file, "alice")
	s := start(t, file)
	before := s.polls(t)
	time.Sleep(2500 * time.Millisecond) // nobody scrapes, nobody asks
	if now := s.polls(t); before != 1 || now != 2 {
		t.Errorf("%v polls, and %v two seconds later", before, now)
	}
}

// polls scrapes and counts the polls of alice until then.
func (s *server) polls(t *testing.T) float64 {
	t.Helper()
	seen, _ := s.timed(t)
	return seen["dexcom_exporter_polls_total"]["alice result=ok source=api"]
}

// A Dexcom that takes longer than the scraper has costs it the readings of that
// account, not the scrape and not the others; the next scrape has them, of the same
// poll.
func TestASlowDexcom(t *testing.T) {
	t.Parallel()
	d := town(t, "alice", "bob")
	s, _ := onScrape(t, d, "alice", "bob")
	d.FailData(simulator.Target{Endpoint: "egvs", Person: "alice"}, simulator.DelayAnswer(5*time.Second), 1)
	began := time.Now()
	seen, took := s.timed(t, timeoutHeader, "2")
	if took < time.Second || took >= 4*time.Second { // a busy machine adds to the two; the answer takes five
		t.Errorf("a scrape with 2 s took %v", took)
	}
	if seen.hasReading("alice") || !seen.hasReading("bob") {
		t.Errorf("it shows %v", seen["dexcom_glucose_mg_dl"])
	}
	if seen, took := s.timed(t, timeoutHeader, "0.25"); took > time.Second || seen.hasReading("alice") {
		t.Errorf("a scrape with a quarter of a second took %v and shows %v", took, seen["dexcom_glucose_mg_dl"])
	}
	seen, _ = s.timed(t)
	if total := time.Since(began); !seen.hasReading("alice") || total < 4500*time.Millisecond || total > 8*time.Second {
		t.Errorf("after %v it shows %v", total, seen["dexcom_glucose_mg_dl"])
	}
	if polls := seen["dexcom_exporter_polls_total"]["alice result=ok source=api"]; polls != 1 {
		t.Errorf("%v polls of alice, want 1", polls)
	}
}

// The poll of a scraper that hangs up is not lost.
func TestAScraperThatLeaves(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	s, _ := onScrape(t, d, "alice")
	d.FailData(simulator.Target{Endpoint: "egvs"}, simulator.DelayAnswer(time.Second), 1)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("a scrape was answered before Dexcom was")
	}
	waitFor(t, func() bool { return d.count("egvs") == 2 })
	if seen, _ := s.timed(t, timeoutHeader, "0.1"); !seen.hasReading("alice") {
		t.Error("the poll ended with the scraper")
	}
}

func TestManyScrapersShareOnePoll(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	s, _ := onScrape(t, d, "alice")
	d.FailData(simulator.Target{Endpoint: "egvs"}, simulator.DelayAnswer(500*time.Millisecond), 1)
	var scrapers sync.WaitGroup
	for i := range 8 {
		scrapers.Go(func() {
			time.Sleep(time.Duration(i) * 40 * time.Millisecond)
			seen, took := s.timed(t, timeoutHeader, []string{"10", "NaN", "-1", "soon"}[i%4])
			if !seen.hasReading("alice") || took > 5*time.Second {
				t.Errorf("scraper %d: %v after %v", i, seen["dexcom_glucose_mg_dl"], took)
			}
		})
	}
	scrapers.Wait()
	waitFor(t, func() bool { return d.count("egvs") == 2 })
	if polls := s.polls(t); polls != 1 {
		t.Errorf("%v polls", polls)
	}
}

// One who ended the consent is asked about as seldom as a failure allows, and delays
// nobody.
func TestAScrapeWithAFailure(t *testing.T) {
	t.Parallel()
	d := town(t, "alice", "bob")
	s, _ := onScrape(t, d, "alice", "bob")
	d.FailData(simulator.Target{Endpoint: "egvs", Person: "bob"}, simulator.AnswerHTML(http.StatusBadGateway), 100)
	for range 3 {
		seen, took := s.timed(t)
		if !seen.hasReading("alice") || seen.hasReading("bob") || took > 5*time.Second {
			t.Errorf("after %v it shows %v", took, seen["dexcom_glucose_mg_dl"])
		}
		if polls := seen["dexcom_exporter_polls_total"]["bob result=server source=api"]; polls != 1 {
			t.Errorf("%v polls of bob failed, want 1", polls)
		}
	}
}

// Polls in the background have nothing to do with scrapes.
func TestAScrapeInTheBackgroundWaitsForNobody(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	file := configured(t, configure(d.address, []string{us("alice")}))
	linkBefore(t, d, file, "alice")
	release := make(chan struct{})
	defer close(release)
	d.holding(func(string, int) <-chan struct{} { return release })
	s := start(t, file)
	waitFor(t, func() bool { return d.count("egvs") == 1 })
	if status, _, _ := s.ask(t, "GET", "/-/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("ready before the first answer: %d", status)
	}
	for range 3 {
		if seen, took := s.timed(t); took > time.Second || seen.hasReading("alice") {
			t.Errorf("a scrape took %v and shows %v", took, seen["dexcom_glucose_mg_dl"])
		}
	}
	if asked := d.count("egvs"); asked != 1 {
		t.Errorf("%d requests", asked)
	}
}
