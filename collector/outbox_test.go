package collector

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// bare is an account that nobody polls.
func bare(state *dexcom.StateFile, both bool, reach time.Duration) *account {
	s := Account{Name: "a", State: state, ReplayLag: 15 * time.Minute, Events: []string{"carbs", "insulin"}, API: &API{Version: dexcom.V3}}
	if both {
		s.Share = &dexcom.Share{}
	}
	return newAccount(s, Config{History: 14 * 24 * time.Hour, Reach: reach}, newOwn(), slog.New(slog.DiscardHandler))
}

// bring is what a poll does with an answer.
func (a *account) bring(fetch fetch, readings ...dexcom.Reading) {
	a.absorb(a.person, dexcom.List[dexcom.Reading]{Records: readings}, time.Now(), fetch)
	a.polled(SourceStatus{Name: fetch.source(), LastPoll: time.Now()}, nil)
}

// offered gives what a scraper that was never here before is offered of an account.
func (a *account) offered(window time.Duration) string {
	var samples []string
	for _, family := range (&Collector{accounts: []*account{a}}).NewReadings().gather("new", window) {
		for _, m := range family.GetMetric() {
			at := time.UnixMilli(m.GetTimestampMs()).UTC().Format("15:04:05")
			samples = append(samples, fmt.Sprintf("%s %s=%v", strings.TrimPrefix(family.GetName(), "dexcom_"), at, m.GetGauge().GetValue()))
		}
	}
	return strings.Join(samples, ", ")
}

func everyFiveMinutes(from time.Time, n int, mgdl float64, named bool) (readings []dexcom.Reading) {
	for i := range n {
		r := dexcom.Reading{Time: from.Add(time.Duration(i) * 5 * time.Minute), MgDL: mgdl}
		if named {
			r.ID = strconv.FormatInt(r.Time.UnixMilli(), 10)
		}
		readings = append(readings, r)
	}
	return readings
}

// What is let go leaves the program although nothing else happens: a reading of a first
// fetch that was held back, and a rate that the other source told later.
func TestWhatIsLetGoIsOffered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, false, 12*time.Hour)
		a.bring(newestFetch, dexcom.Reading{Time: noon().Add(-time.Hour), MgDL: 60, Provisional: true})
		if got := a.offered(12 * time.Hour); got != "" {
			t.Errorf("offered %q while it may change", got)
		}
		time.Sleep(7 * time.Hour)
		a.bring(newestFetch)
		if got := a.offered(12 * time.Hour); got != "egv_mg_dl 11:00:00=60" {
			t.Errorf("offered %q", got)
		}
		b := bare(nil, true, 12*time.Hour)
		b.bring(shareFetch, dexcom.Reading{Time: time.Now(), MgDL: 100})
		b.bring(newestFetch, dexcom.Reading{ID: "1", Time: time.Now().Add(5 * time.Second), MgDL: 100, TrendRate: -2, HasTrendRate: true})
		if got := b.offered(12 * time.Hour); got != "egv_mg_dl 19:00:00=100, egv_rate_mg_dl_per_minute 19:00:00=-2" {
			t.Errorf("offered %q", got)
		}
	})
}

// Another version of the API does not make one person of two, and the time of the
// newest reading stays known.
func TestAnotherVersionForgetsNoMismatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(new(dexcom.StateFile), true, 12*time.Hour)
		a.both.mismatch = true
		a.bring(shareFetch, dexcom.Reading{Time: noon().Add(-time.Minute), MgDL: 100})
		settings := a.settings
		settings.API = &API{Version: dexcom.V2}
		a.configure(settings, Config{History: 14 * 24 * time.Hour, Reach: 12 * time.Hour})
		a.keep()
		if s := a.snapshot(time.Now()); !s.Mismatch || !s.LastKnown.Equal(noon().Add(-time.Minute)) {
			t.Errorf("mismatch %v, last known %v", s.Mismatch, s.LastKnown)
		}
		a.events = []dexcom.Event{{ID: "x", Kind: "insulin", Time: noon().Add(-time.Hour), Value: 12, HasValue: true}}
		a.bring(newestFetch, everyFiveMinutes(noon().Add(-100*time.Minute), 20, 300, true)...)
		time.Sleep(11 * time.Minute)
		a.postEvents()
		a.polled(SourceStatus{Name: sourceShare, LastPoll: time.Now()}, errBudget) // Share is down
		if s, offered := a.snapshot(time.Now()), a.offered(12*time.Hour); s.HasNewest || offered != "" {
			t.Errorf("the link's person shows: %v, %q", s.Newest.MgDL, offered)
		}
	})
}

// The batch that reveals two people stays, where it is the one of Share.
func TestTheBatchThatRevealsTwoPeople(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(new(dexcom.StateFile), true, 12*time.Hour)
		a.both.answered = true
		from := noon().Add(-19 * time.Hour)
		a.bring(newestFetch, everyFiveMinutes(from.Add(10*time.Second), 228, 200, true)...)
		a.bring(shareFetch, everyFiveMinutes(from, 228, 50, false)...)
		if s := a.snapshot(time.Now()); !s.Mismatch || len(a.history.records) != 228 || s.Newest.MgDL != 50 {
			t.Errorf("mismatch %v, %d readings, newest %v", s.Mismatch, len(a.history.records), s.Newest.MgDL)
		}
	})
}

// Whoever took Share out of the configuration after a mismatch begins anew: what was
// known is of the other person.
func TestShareIsTakenOutAfterAMismatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		state, from := new(dexcom.StateFile), noon().Add(-3*time.Hour)
		a := bare(state, true, 12*time.Hour)
		a.bring(shareFetch, everyFiveMinutes(from, 30, 100, false)...)
		theirs := everyFiveMinutes(from.Add(100*time.Second), 30, 200, true)
		a.bring(newestFetch, theirs...)
		b := bare(state, false, 12*time.Hour)
		if known := b.snapshot(time.Now()).LastKnown; !known.IsZero() {
			t.Errorf("the other person's newest reading of %v is known", known)
		}
		b.bring(newestFetch, theirs...)
		for i, r := range b.readings(time.Time{}, time.Now()) {
			if !r.Time.Equal(theirs[i].Time) {
				t.Fatalf("a reading of %v is kept at %v", theirs[i].Time, r.Time)
			}
		}
		if counted := total(b.arrivals.tally.byRange); counted != total(a.arrivals.tally.byRange) {
			t.Errorf("%d arrivals of a first fetch", counted)
		}
	})
}

// Events wait for Share's verdict as readings of the API do.
func TestEventsWaitForShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, true, 12*time.Hour)
		a.bring(newestFetch, dexcom.Reading{ID: "1", Time: noon().Add(-time.Hour), MgDL: 300})
		a.events = []dexcom.Event{{ID: "x", Kind: "insulin", Time: noon().Add(-time.Hour), Value: 12, HasValue: true}}
		a.postEvents()
		if got := a.offered(12 * time.Hour); got != "" {
			t.Errorf("offered %q before Share answered", got)
		}
		a.bring(shareFetch, dexcom.Reading{Time: noon().Add(-time.Hour - time.Second), MgDL: 300})
		if got := a.offered(12 * time.Hour); got != "egv_mg_dl 10:59:59=300, event_value 11:00:00=12" {
			t.Errorf("offered %q", got)
		}
	})
}

// What was given away keeps its place for longer than a source can bring it again, by
// another time or by another name.
func TestNothingIsDoubledADayAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for name, named := range map[string]bool{"version 3": true, "version 2": false} {
			state, base := new(dexcom.StateFile), time.Now().Add(-20*time.Minute)
			share, api := everyFiveMinutes(base, 3, 100, false), everyFiveMinutes(base.Add(20*time.Second), 3, 101, named)
			a := bare(state, true, 72*time.Hour)
			a.bring(shareFetch, share...)
			a.bring(newestFetch, api...)
			for _, first := range []fetch{shareFetch, newestFetch} { // whichever is back first
				b := bare(state, true, 72*time.Hour)
				b.both.answered = true
				for _, fetch := range []fetch{first, newestFetch, shareFetch, wholeFetch} {
					b.bring(fetch, map[string][]dexcom.Reading{sourceAPI: api, sourceShare: share}[fetch.source()]...)
				}
				counted := total(b.arrivals.tally.byRange)
				time.Sleep(time.Until(base.Add(24*time.Hour + 5*time.Second)))
				b.bring(shareFetch, share...)
				time.Sleep(25 * time.Hour)
				b.bring(wholeFetch, api...)
				if len(b.history.records) != 3 || total(b.arrivals.tally.byRange) != counted {
					t.Errorf("%s: %d readings, %d counted, then %d", name, len(b.history.records), counted, total(b.arrivals.tally.byRange))
				}
			}
		}
	})
}

// An event stays what it was when it was given away, and of two at one time the first.
func TestEventsDoNotChange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, false, 12*time.Hour)
		meal := func(id string, grams float64) dexcom.Event {
			return dexcom.Event{ID: id, Kind: "carbs", Time: noon().Add(-time.Hour), Value: grams, HasValue: true}
		}
		const want = "event_value 11:00:00=20"
		reach := 12 * time.Hour
		for _, events := range [][]dexcom.Event{
			{meal("1", 20)},
			{meal("1", 20), meal("2", 35)},
			{meal("1", 90)},
			{meal("", 90), meal("", 95)},
			nil,
		} {
			a.events = events
			a.postEvents()
			for range 2 {
				if got := a.offered(24 * time.Hour); got != want {
					t.Errorf("offered %q after %v", got, events)
				}
				reach += time.Hour
				a.configure(a.settings, Config{History: 14 * 24 * time.Hour, Reach: reach})
				a.keep()
			}
			time.Sleep(50 * time.Minute)
		}
		fewer := a.settings
		fewer.Events = []string{"insulin"}
		a.configure(fewer, Config{History: 14 * 24 * time.Hour, Reach: reach})
		if got := a.offered(24 * time.Hour); got != "" {
			t.Errorf("offered %q after carbs were taken out", got)
		}
	})
}

// A farther reach brings what is older, and leaves what is there.
func TestAFartherReach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, false, 2*time.Hour)
		k := (&Collector{accounts: []*account{a}}).NewCourier()
		a.bring(newestFetch, everyFiveMinutes(noon().Add(-4*time.Hour), 48, 100, true)...)
		if got := k.Parcels(100); len(got[0].Samples) != 23 {
			t.Errorf("%d samples within two hours", len(got[0].Samples))
		} else {
			got[0].Settled(23)
		}
		a.configure(a.settings, Config{History: 14 * 24 * time.Hour, Reach: 5 * time.Hour})
		a.keep()
		if got := k.Parcels(100); len(got[0].Samples) != 25 || !got[0].Samples[24].Time.Equal(noon().Add(-2*time.Hour)) {
			t.Errorf("%d more samples", len(got[0].Samples))
		}
	})
}

// What arrived too late for the gauge counts once, over restarts too.
func TestMissedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		state, old := new(dexcom.StateFile), noon().Add(-31*time.Hour)
		backlog := everyFiveMinutes(old.Add(5*time.Minute), 60, 100, true)
		for i := range backlog {
			backlog[i].Provisional = true
		}
		for range 3 {
			a := bare(state, false, 12*time.Hour)
			a.bring(newestFetch, dexcom.Reading{ID: "0", Time: old, MgDL: 100})
			a.bring(newestFetch, backlog...)
			if got := a.snapshot(time.Now()).ReplayMissed; got != 60 {
				t.Errorf("%d missed, want 60", got)
			}
		}
	})
}

// A clock that is ahead for a moment costs nothing.
func TestAClockThatJumps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(new(dexcom.StateFile), true, 12*time.Hour)
		r := (&Collector{accounts: []*account{a}}).NewReadings()
		a.bring(shareFetch, everyFiveMinutes(noon().Add(-time.Hour), 12, 60, false)...)
		given := a.given(time.Now())
		a.mu.Lock()
		a.settle(noon().Add(24 * time.Hour))
		ahead := a.given(noon().Add(24 * time.Hour))
		a.mu.Unlock()
		if !slices.Equal(given.times, ahead.times) {
			t.Errorf("%d times are known, were %d", len(ahead.times), len(given.times))
		}
		if got := r.gather("s", 12*time.Hour); len(got) != 1 || len(got[0].GetMetric()) != 12 {
			t.Errorf("offered %v", got)
		}
	})
}

// Whoever saves last, no counter steps back.
func TestCountersNeverStepBack(t *testing.T) {
	t.Parallel()
	dir, err := dexcom.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	state, err := dexcom.OpenStateFile(dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	a := bare(state, true, 12*time.Hour)
	var saving sync.WaitGroup
	for range 3 {
		saving.Go(func() {
			for range 100 {
				a.mu.Lock()
				a.arrivals.tally.byRange[2]++ // as readings do
				a.unsaved = true
				a.mu.Unlock()
				a.keep()
			}
		})
	}
	done := make(chan struct{})
	go func() { saving.Wait(); close(done) }()
	var last uint64
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		now := a.snapshot(time.Now()).Arrivals[2]
		if now < last {
			t.Fatalf("%d, and then %d", last, now)
		}
		last = now
	}
	if last != 300 {
		t.Errorf("%d shown of 300", last)
	}
}

// A receiver that is dead for days costs no more than what is within reach.
func TestTheCourierForgetsWhatIsTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := bare(nil, false, 12*time.Hour)
		k := (&Collector{accounts: []*account{a}}).NewCourier()
		for range 3 * 288 {
			a.bring(newestFetch, ago(0, 100))
			k.Parcels(10_000)
			time.Sleep(5 * time.Minute)
		}
		if waiting := len(slices.Collect(maps.Values(k.boxes))[0].waiting); waiting > 145 {
			t.Errorf("%d samples wait", waiting)
		}
	})
}
