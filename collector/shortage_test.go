package collector

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// everybodysHistory counts the people whose history was read.
func everybodysHistory(c *Collector) (read int) {
	for _, a := range c.accounts {
		if !a.lastDone(historyChore).IsZero() {
			read++
		}
	}
	return read
}

// Within hours everybody's history is read, where polls take all the budget.
func TestEverybodysHistoryIsReadWhereTheBudgetIsShort(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		const people, length = 40, 6 * time.Hour
		f := fleet{people: people, seed: 1}
		crew, names := f.crew()
		cloud := simulator.New(crew...)
		w := socketless(cloud, shallow{cloud})
		w.callsPerHour = map[dexcom.Region]int{dexcom.US: people * 31 / 10}
		c, stop := run(t, w.follow(names...))
		time.Sleep(length)
		synctest.Wait()
		stop()
		if read := everybodysHistory(c); read < people {
			t.Errorf("after %v the history of %d of %d people was read", length, read, people)
		}
	})
}

// belated gives nothing of before a time until much later: another device brings it then.
type belated struct {
	next            http.RoundTripper
	from, until     time.Time // while that is so
	before          time.Time
	beyond, shorter time.Duration // polls do not reach what is new by then: they are cut, to cost less
}

func (b belated) RoundTrip(request *http.Request) (*http.Response, error) {
	query, least, now := request.URL.Query(), time.Time{}, time.Now()
	start, err := time.Parse(dexcomTime, query.Get("startDate"))
	switch {
	case err != nil:
		return b.next.RoundTrip(request)
	case now.Before(b.from), now.After(b.until) && now.Sub(start) < b.beyond:
		least = now.Add(-b.shorter)
	case now.Before(b.until):
		least = latest(b.before, now.Add(-b.shorter))
	}
	if start.Before(least) {
		query.Set("startDate", least.UTC().Format(dexcomTime))
		request = request.Clone(request.Context())
		request.URL.RawQuery = query.Encode()
	}
	return b.next.RoundTrip(request)
}

// dexcomTime is how the queries of tests write times.
const dexcomTime = "2006-01-02T15:04:05"

// Readings that reach Dexcom thirty hours late, when no poll looks so far back, are there
// a day and an hour or two later, however short the budget is.
func TestLateReadingsAreNotLost(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		const people = 12
		f := fleet{people: people, seed: 1}
		crew, names := f.crew()
		cloud := simulator.New(crew...)
		from := time.Now().Add(8 * time.Hour)
		to := from.Add(time.Hour)
		w := socketless(cloud, belated{cloud, from, from.Add(30 * time.Hour), to, overlap + 2*seam, 3 * time.Hour})
		w.callsPerHour = map[dexcom.Region]int{dexcom.US: people * 35 / 10}
		c, stop := run(t, w.follow(names...))
		travel(from.Add(30 * time.Hour))
		lacking := func() (lost, all int) {
			for i, p := range crew {
				have := map[int64]bool{}
				for _, r := range c.accounts[i].readings(from, to) {
					have[r.Time.Unix()] = true
				}
				for _, r := range p.AvailableReadings(from, to, time.Now()) {
					all++
					if !have[r.SystemTime.Unix()] {
						lost++
					}
				}
			}
			return lost, all
		}
		if lost, all := lacking(); lost < all || all < 10*people {
			t.Fatalf("%d of %d readings are not there before they come", lost, all)
		}
		time.Sleep(27 * time.Hour)
		synctest.Wait()
		stop()
		if lost, all := lacking(); lost > 0 {
			t.Errorf("%d of %d readings that came 30 h late were lost", lost, all)
		}
	})
}

// Of all that is due one waits in vain for budget: what is no more urgent is put off with
// it, so that looks for uploads, and their readings, are not late for it.
func TestWhatIsPutOffIsPutOffTogether(t *testing.T) {
	for name, test := range map[string]struct {
		habit time.Duration // between uploads; 0: none, and the look is as urgent as polls
		looks int
	}{"a chore": {0, 1}, "the look": {time.Hour, 0}} {
		bubbleOf(t, name, func(t *testing.T) {
			person := tenPeople()[5]
			p := &pieces{next: simulator.New(person), asks: map[string][]time.Time{}}
			w := socketless(simulator.New(person), p)
			w.callsPerHour = map[dexcom.Region]int{dexcom.US: 120} // one of twenty comes after ten minutes
			config := w.follow(person.Name)
			others, stop := context.WithCancel(t.Context())
			go func() {
				for others.Err() == nil {
					_ = config.calls.Wait(dexcom.US)(others) // they take all there is
				}
			}()
			synctest.Wait()
			s := config.collector().accounts[0].poller(sourceAPI).source.(*apiSource)
			s.forecast.spacing = test.habit
			start := time.Now()
			s.doDue(t.Context(), true)
			if took := time.Since(start); took < usual || took > usual+2*time.Minute {
				t.Errorf("took %v, want one patience of %v", took, usual)
			}
			if looks := len(p.asks["devices"]); looks != test.looks || len(p.asks) > looks {
				t.Errorf("asked for %v, want %d looks", p.asks, test.looks)
			}
			s.doDue(t.Context(), true)
			stop()
			synctest.Wait()
			s.doDue(t.Context(), true) // nothing of it counts as a failure: all is due still
			for _, c := range s.chores {
				if c.failures > 0 || s.account.lastDone(c.name).IsZero() {
					t.Errorf("%s: %d failures, last done at %v", c.name, c.failures, s.account.lastDone(c.name))
				}
			}
		})
	}
}
