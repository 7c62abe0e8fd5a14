package collector

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// at is a moment in minutes and seconds of an hour.
func at(minute, second int) time.Time {
	return time.Date(2026, time.March, 1, 12, minute, second, 0, time.UTC)
}

func TestAReadingTakesTheTimeUnderWhichItWasGivenAway(t *testing.T) {
	t.Parallel()
	known := given{times: []int64{at(0, 0).UnixMilli(), at(5, 0).UnixMilli(), at(10, 0).UnixMilli()}}
	for name, test := range map[string]struct{ batch, want []time.Time }{
		"nothing":                 {nil, nil},
		"the same":                {[]time.Time{at(0, 0), at(5, 0)}, []time.Time{at(0, 0), at(5, 0)}},
		"seconds later":           {[]time.Time{at(0, 9), at(5, 9), at(10, 9)}, []time.Time{at(0, 0), at(5, 0), at(10, 0)}},
		"seconds earlier":         {[]time.Time{at(4, 51), at(9, 51)}, []time.Time{at(5, 0), at(10, 0)}},
		"as far apart as may be":  {[]time.Time{at(12, 30)}, []time.Time{at(10, 0)}},
		"too far apart":           {[]time.Time{at(12, 31), at(15, 0)}, []time.Time{at(12, 31), at(15, 0)}},
		"before all":              {[]time.Time{at(0, 0).Add(-time.Hour)}, []time.Time{at(0, 0).Add(-time.Hour)}},
		"another one is that":     {[]time.Time{at(4, 50), at(5, 0)}, []time.Time{at(4, 50), at(5, 0)}},
		"no two become one":       {[]time.Time{at(4, 50), at(5, 10)}, []time.Time{at(5, 0), at(5, 10)}},
		"out of order, in a heap": {[]time.Time{at(10, 1), at(0, 1), at(5, 1)}, []time.Time{at(10, 0), at(0, 0), at(5, 0)}},
	} {
		var batch []dexcom.Reading
		for _, at := range test.batch {
			batch = append(batch, dexcom.Reading{Time: at})
		}
		known.place(batch, true)
		var got []time.Time
		for _, reading := range batch {
			got = append(got, reading.Time)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	var none given
	none.place([]dexcom.Reading{{Time: at(0, 0)}}, false)
}

// Whichever source is back first after a restart, a reading keeps the time that the
// other one gave it before.
func TestRestartsBetweenOutages(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	hour := time.Hour
	for name, test := range map[string]struct {
		shareDown, apiDown [2]time.Duration // from and to, counted from the start
		runs               [][2]time.Duration
	}{
		"the API alone, then Share":             {[2]time.Duration{3 * hour, 8 * hour}, [2]time.Duration{}, [][2]time.Duration{{9 * hour, time.Minute}, {5 * hour, 0}}},
		"the API alone, Share after a restart":  {[2]time.Duration{3 * hour, 8*hour + 30*time.Minute}, [2]time.Duration{}, [][2]time.Duration{{8 * hour, time.Minute}, {6 * hour, 0}}},
		"Share alone, the API after a restart":  {[2]time.Duration{9 * hour, 12 * hour}, [2]time.Duration{3 * hour, 8 * hour}, [][2]time.Duration{{9 * hour, time.Minute}, {5 * hour, 0}}},
		"three starts before Share answers":     {[2]time.Duration{4 * hour, 12 * hour}, [2]time.Duration{}, [][2]time.Duration{{8 * hour, time.Minute}, {hour, 0}, {hour, time.Minute}, {6 * hour, 0}}},
		"a stop at once, and neither is there":  {[2]time.Duration{4 * hour, 9 * hour}, [2]time.Duration{7 * hour, 9 * hour}, [][2]time.Duration{{8 * hour, 0}, {time.Minute, 0}, {7 * hour, 0}}},
		"the API before Share, after an outage": {[2]time.Duration{9 * hour, 14 * hour}, [2]time.Duration{}, [][2]time.Duration{{9 * hour, 0}, {9 * hour, 0}}},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := somebody(func(*simulator.Person) {})
			cloud := simulator.New(p)
			within := func(times [2]time.Duration, now time.Time) bool {
				since := now.Sub(noon())
				return since >= times[0] && since < times[1]
			}
			w := socketless(cloud, cut{readingsAndShare{cloud}, func(source string, now time.Time) bool {
				return source == sourceShare && within(test.shareDown, now) || source == sourceAPI && within(test.apiDown, now)
			}})
			start := time.Now()
			found, counts := livingTogether(t, w, p.Name, test.runs)
			end := time.Now().Add(-45 * time.Minute)
			found.audit(t, p, start.Add(-11*time.Hour), end)
			auditCounts(t, p, counts, start, end)
		})
	}
}

// At random moments either source fails or the program ends.
func TestRandomRestartsAndOutages(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	seeds := uint64(8)
	for seed := range seeds {
		bubbleOf(t, "", func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 11))
			p := somebody(func(p *simulator.Person) { p.Quirks = seed%2 == 0 })
			cloud := simulator.New(p)
			outages := map[string][][2]time.Duration{}
			for _, source := range []string{sourceAPI, sourceShare} {
				for from := time.Hour; from < 36*time.Hour; from += time.Duration(random.IntN(12*3600)) * time.Second {
					outages[source] = append(outages[source], [2]time.Duration{from, from + time.Duration(random.IntN(5*3600))*time.Second})
				}
			}
			w := socketless(cloud, cut{readingsAndShare{cloud}, func(source string, now time.Time) bool {
				since := now.Sub(noon())
				return slices.ContainsFunc(outages[source], func(o [2]time.Duration) bool { return since >= o[0] && since < o[1] })
			}})
			start := time.Now()
			runs := append(randomRuns(seed, 40*time.Hour), [2]time.Duration{4 * time.Hour, 0})
			found, counts := livingTogether(t, w, p.Name, runs)
			end := time.Now().Add(-45 * time.Minute)
			found.audit(t, p, start, end)
			auditCounts(t, p, counts, start, end)
		})
	}
}

// auditCounts compares the arrival counters with what Share published from start on;
// what it published after end may be counted.
func auditCounts(t *testing.T, p *simulator.Person, counts [5]uint64, start, end time.Time) {
	t.Helper()
	var least, most uint64
	for _, r := range p.ShareReadings(start.Add(-24*time.Hour), time.Now(), time.Now()) {
		switch {
		case !r.Published.After(start):
		case r.Published.Before(end):
			least, most = least+1, most+1
		default:
			most++
		}
	}
	if got := total(counts); got < least || got > most {
		t.Errorf("counted %d arrivals, want %d to %d", got, least, most)
	}
}

// A value that was given away stays over a restart, also where the other source has
// another one and is back first; if its own source is dead, the reading comes all the
// same.
func TestAGivenValueStays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			first, back []fetch // who brings the reading, before and after the restart
			want        string
		}{
			"the API first, Share back first": {[]fetch{newestFetch, shareFetch}, []fetch{shareFetch, newestFetch}, "75"},
			"the API first and back first":    {[]fetch{newestFetch, shareFetch}, []fetch{newestFetch, shareFetch}, "75"},
			"Share first, the API back first": {[]fetch{shareFetch, newestFetch}, []fetch{newestFetch, shareFetch}, "68"},
			"Share first and back first":      {[]fetch{shareFetch, newestFetch}, []fetch{shareFetch, newestFetch}, "68"},
			"the API first, and then dead":    {[]fetch{newestFetch, shareFetch}, []fetch{shareFetch, shareFetch}, "68"},
		} {
			state, at := new(dexcom.StateFile), time.Now().Add(-20*time.Minute).Truncate(time.Second)
			brought := map[fetch]dexcom.Reading{
				newestFetch: {ID: "1", Time: at.Add(20 * time.Second), MgDL: 75}, shareFetch: {Time: at, MgDL: 68},
			}
			a := bare(state, true, 12*time.Hour)
			a.both.answered = true
			for _, fetch := range test.first {
				a.bring(fetch, brought[fetch])
			}
			before, _, _ := strings.Cut(a.offered(12*time.Hour), "=")
			b := bare(state, true, 12*time.Hour)
			b.bring(test.back[0], brought[test.back[0]])
			b.bring(test.back[1], brought[test.back[1]])
			if test.back[0] == test.back[1] {
				if got := b.offered(12 * time.Hour); got != "" {
					t.Errorf("%s: offered %s at once", name, got)
				}
				time.Sleep(11 * time.Minute)
				b.bring(test.back[1], brought[test.back[1]])
			}
			if got := b.offered(12 * time.Hour); got != before+"="+test.want {
				t.Errorf("%s: offered %s, before %s=…", name, got, before)
			}
		}
	})
}
