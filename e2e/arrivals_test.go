package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// counts are readings by range, as docs/metrics.md draws the ranges.
type counts map[string]int

// add counts readings.
func (c counts) add(readings []simulator.Reading) {
	for _, r := range readings {
		switch {
		case r.Value < 54:
			c["very_low"]++
		case r.Value < 70:
			c["low"]++
		case r.Value <= 180:
			c["target"]++
		case r.Value <= 250:
			c["high"]++
		default:
			c["very_high"]++
		}
	}
}

func ranges() []string { return []string{"very_low", "low", "target", "high", "very_high"} }

func egvsTotal(of string) string {
	return fmt.Sprintf(`dexcom_egvs_total{account="alice",range=%q}`, of)
}

// arrivals is an exporter that is stopped and started again while the readings of
// its account arrive, and a Prometheus that sees it come and go.
type arrivals struct {
	*family

	gate   *gate
	server prometheus
	run    exporter
	runs   int

	waiting  []simulator.Reading // have not arrived yet, oldest first
	released map[time.Time]bool  // have, by system time
	counted  counts              // in all runs
}

const (
	onTheFirstDay = 40 // readings: history
	late          = 10 // in each round, while the exporter runs: after younger ones
	onTime        = 18 // likewise, in order
	lateAndMissed = 2  // while it is stopped, older than what it had
	missed        = 12 // likewise, younger
	rounds        = 3
)

// Readings count once, by range, over stops of any kind: those that come while the
// exporter runs, late ones too, and those that came meanwhile and are younger than
// what it had before. What the first fetch of all brings does not count.
func TestArrivalsOverRestarts(t *testing.T) {
	t.Parallel()
	a := startArrivals(t)
	a.server = startPrometheus(t, a.run.job("scrape_interval: 500ms, scrape_timeout: 500ms"))
	a.expect(t) // nothing so far
	for round := range rounds {
		older, oldest := a.next(late), a.next(lateAndMissed)
		a.arrive(a.next(onTime))
		a.await(t)
		a.arrive(older)
		a.expect(t)
		a.stop(t, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}[round%2])
		a.release(oldest) // cannot be told from history
		younger := a.next(missed)
		a.release(younger)
		a.start(t)
		a.counted.add(younger)
		a.expect(t)
	}
	a.stop(t, syscall.SIGKILL)
	a.expectStored(t)
}

// startArrivals has an exporter follow ella, a part of whose last day is there.
func startArrivals(t *testing.T) *arrivals {
	t.Helper()
	ella, readings := ella()
	f := newFamily(t, ella)
	a := &arrivals{family: f, gate: f.behindGate(t), waiting: readings, released: map[time.Time]bool{}, counted: counts{}}
	f.linkHere(t, "ella")
	f.poll = "{min_interval: 1s, max_interval: 1s}"
	a.release(a.next(onTheFirstDay))
	a.start(t)
	return a
}

// ella is a person whose glucose was everywhere on the last day, with the readings
// of that day. The seed decides.
func ella() (person *simulator.Person, readings []simulator.Reading) {
	now := time.Now()
	for seed := uint64(200); ; seed++ {
		p := &simulator.Person{
			Name: "ella", Seed: seed, HoldBack: time.Hour, Mean: 150, Swing: 110,
			Since: time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC),
		}
		readings := p.AvailableReadings(now.Add(-23*time.Hour), now, now)
		if len(readings) < onTheFirstDay+rounds*(late+onTime+lateAndMissed+missed) {
			continue // she changed her sensor
		}
		found := counts{}
		found.add(readings[onTheFirstDay:][:rounds*(late+onTime+lateAndMissed+missed)])
		everywhere := true
		for _, r := range ranges() {
			everywhere = everywhere && found[r] > rounds*lateAndMissed // which do not count
		}
		if everywhere {
			return p, readings
		}
	}
}

// next takes the next readings that wait.
func (a *arrivals) next(n int) []simulator.Reading {
	next := a.waiting[:n]
	a.waiting = a.waiting[n:]
	return next
}

// release lets Dexcom have readings.
func (a *arrivals) release(readings []simulator.Reading) {
	for _, r := range readings {
		a.released[r.SystemTime] = true
	}
	released := maps.Clone(a.released)
	a.gate.release(func(at time.Time) bool { return released[at] })
}

// arrive lets Dexcom have readings that must count.
func (a *arrivals) arrive(readings []simulator.Reading) {
	a.counted.add(readings)
	a.release(readings)
}

func (a *arrivals) start(t *testing.T) {
	t.Helper()
	a.run = a.serve(t)
	a.runs++
}

func (a *arrivals) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	a.run.signal(t, signal)
	a.run.exit(t, shutdown)
}

// await waits until all that must count is counted.
func (a *arrivals) await(t *testing.T) {
	t.Helper()
	eventually(t, func() error { return a.compare(a.now(t)) })
}

// expect waits until it is in Prometheus, too, and expects that another poll counts
// nothing more.
func (a *arrivals) expect(t *testing.T) {
	t.Helper()
	a.await(t)
	a.awaitPoll(t)
	now := a.now(t)
	if err := a.compare(now); err != nil {
		t.Errorf("after another poll: %v", err)
	}
	eventually(t, func() error {
		stored := series{}
		for _, of := range ranges() {
			value, found, err := a.server.query(fmt.Sprintf("%s and on() process_start_time_seconds{job=\"dexcom\"} == %s",
				egvsTotal(of), strconv.FormatFloat(now["process_start_time_seconds"], 'f', -1, 64)))
			if err != nil || !found {
				return fmt.Errorf("%s of this run: found: %v, %w", egvsTotal(of), found, err)
			}
			stored[egvsTotal(of)] = value
		}
		return a.compare(stored)
	})
}

func (a *arrivals) now(t *testing.T) series {
	t.Helper()
	return readSeries(t, a.run.visitor().get(t, "/metrics", http.StatusOK))
}

// compare says what is counted wrong, nil if nothing is.
func (a *arrivals) compare(seen series) error {
	for _, of := range ranges() {
		if value, found := seen[egvsTotal(of)]; !found || value != float64(a.counted[of]) {
			return fmt.Errorf("run %d: %s is %v (found: %v), want %d", a.runs, egvsTotal(of), value, found, a.counted[of])
		}
	}
	return nil
}

// awaitPoll waits until another poll has begun and ended, and for the fetch of the
// whole history that comes once in each run.
func (a *arrivals) awaitPoll(t *testing.T) {
	t.Helper()
	history := func(q question) bool { return q.endpoint == "egvs" && !q.newest() }
	before := len(a.gate.questions(question.newest))
	eventually(t, func() error {
		polls, histories := len(a.gate.questions(question.newest))-before, len(a.gate.questions(history))
		if polls < 2 || histories < a.runs { // the second begins when the first has ended
			return fmt.Errorf("run %d: %d polls, %d fetches of the history", a.runs, polls, histories)
		}
		return nil
	})
}

// expectStored expects in Prometheus that the counters began at 0, went on over all
// runs without a step back, and have it all in the end: so that nobody who takes
// their increase misses a reading.
func (a *arrivals) expectStored(t *testing.T) {
	t.Helper()
	starts := a.server.stored(t, `process_start_time_seconds{job="dexcom"}`)
	for _, of := range ranges() {
		values := a.server.stored(t, egvsTotal(of))
		if len(values) != len(starts) || values[0].value != 0 {
			t.Errorf("%s is there at %d of %d scrapes, at first %v", of, len(values), len(starts), values[0].value)
			continue
		}
		runs := 1
		for i, start := range starts {
			if !values[i].at.Equal(start.at) {
				t.Fatalf("%s: no value at the scrape of %v", of, start.at)
			}
			if i > 0 && starts[i-1].value != start.value {
				runs++
			}
			if i > 0 && values[i].value < values[i-1].value {
				t.Errorf("%s goes from %v back to %v", of, values[i-1].value, values[i].value)
			}
		}
		if last := values[len(values)-1].value; last != float64(a.counted[of]) || last == 0 || runs != a.runs {
			t.Errorf("%s: %v in %d runs, want %d in %d", of, last, runs, a.counted[of], a.runs)
		}
	}
}
