package collector

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// egv is a reading that is minutes old at noon.
func egv(id string, minutes int, mgdl float64) dexcom.Reading {
	return dexcom.Reading{ID: id, Time: noon().Add(-time.Duration(minutes) * time.Minute), MgDL: mgdl}
}

func times(readings []Reading) []time.Time {
	var all []time.Time
	for _, r := range readings {
		all = append(all, r.Time)
	}
	return all
}

func all(h *history) []Reading {
	return h.between(time.Time{}, noon().Add(1000*time.Hour))
}

func TestHistoryKeepsEveryReadingOnceInOrder(t *testing.T) {
	t.Parallel()
	const n = 500
	var batch []dexcom.Reading
	for i := range n {
		batch = append(batch, egv(strconv.Itoa(i), 5*i, float64(40+i%360)))
	}
	h := newHistory(14 * 24 * time.Hour)
	added := 0
	for range 20 { // in any order, again and again, as overlapping polls do
		rand.Shuffle(n, func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
		fresh, doubled := h.upsert(batch[:n/2], noon(), false)
		added += len(fresh)
		if len(doubled) != 0 {
			t.Fatalf("%d doubled", len(doubled))
		}
	}
	got := all(h)
	if len(got) != added || !slices.IsSortedFunc(got, func(a, b Reading) int { return a.Time.Compare(b.Time) }) {
		t.Errorf("%d readings, %d added, want them equal and in order", len(got), added)
	}
	if len(slices.Compact(times(got))) != len(got) {
		t.Error("a reading is there twice")
	}
}

func TestHistoryIdentity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second  dexcom.Reading
		count, doubled int
		value          float64 // of the newest
		together       float64 // the value when both come in one batch, if it is another; the second is doubled then
	}{
		"the same again":                        {egv("a", 5, 100), egv("a", 5, 100), 1, 0, 100, 0},
		"the same with another value":           {egv("a", 5, 100), egv("a", 5, 104), 1, 0, 104, 0},
		"the same with another time":            {egv("a", 5, 100), egv("a", 6, 100), 1, 0, 100, 0},
		"another one":                           {egv("a", 5, 100), egv("b", 0, 120), 2, 0, 120, 0},
		"another one with the same time":        {egv("a", 5, 100), egv("b", 5, 120), 1, 1, 100, 0},
		"no ids, the same time":                 {egv("", 5, 100), egv("", 5, 104), 1, 0, 104, 100},
		"no ids, the same time and value":       {egv("", 5, 100), egv("", 5, 100), 1, 0, 100, 0},
		"no ids, another time":                  {egv("", 5, 100), egv("", 4, 104), 2, 0, 104, 0},
		"an id beside one without, at one time": {egv("", 5, 100), egv("a", 5, 104), 1, 1, 100, 0},
		"ids that differ in case are not one":   {egv("a", 5, 100), egv("A", 0, 104), 2, 0, 104, 0},
	} {
		for _, together := range []bool{true, false} {
			h := newHistory(24 * time.Hour)
			var doubled []dexcom.Reading
			if together {
				_, doubled = h.upsert([]dexcom.Reading{test.first, test.second}, noon(), false)
			} else {
				h.upsert([]dexcom.Reading{test.first}, noon(), false)
				_, doubled = h.upsert([]dexcom.Reading{test.second}, noon(), false)
			}
			value, twice := test.value, test.doubled
			if together && test.together != 0 {
				value, twice = test.together, 1
			}
			got := all(h)
			if len(got) != test.count || len(doubled) != twice || got[len(got)-1].MgDL != value {
				t.Errorf("%s (together %t): %v, %d doubled", name, together, got, len(doubled))
			}
		}
	}
}

func TestHistoryKeepsTheFirstArrivalAndTime(t *testing.T) {
	t.Parallel()
	h := newHistory(24 * time.Hour)
	h.upsert([]dexcom.Reading{egv("a", 60, 100)}, noon(), false)
	h.upsert([]dexcom.Reading{egv("a", 61, 100)}, noon().Add(time.Hour), false)
	got := all(h)[0]
	if !got.Arrived.Equal(noon()) || !got.Time.Equal(noon().Add(-time.Hour)) {
		t.Errorf("time %v, arrived %v", got.Time, got.Arrived)
	}
}

// What is older than the history keeps goes when newer readings come, and not
// because time passes: a clock may be ahead for a moment.
func TestHistoryForgetsTheOldWhenThereIsNewer(t *testing.T) {
	t.Parallel()
	h := newHistory(24 * time.Hour)
	h.upsert([]dexcom.Reading{egv("old", 26*60, 100), egv("edge", 24*60, 110), egv("new", 60, 120)}, noon(), false)
	if got := all(h); len(got) != 2 || got[0].MgDL != 110 {
		t.Errorf("got %v, want the two within a day", got)
	}
	h.upsert(nil, noon().Add(100*24*time.Hour), false)
	if got := all(h); len(got) != 2 || got[1].MgDL != 120 {
		t.Errorf("got %v, want both to stay", got)
	}
	h.upsert([]dexcom.Reading{egv("newer", -1, 130)}, noon().Add(time.Minute), false)
	if got := all(h); len(got) != 2 || got[0].MgDL != 120 {
		t.Errorf("got %v, want a day before the newest", got)
	}
	h.upsert(nil, noon(), false)
	if _, ok := newHistory(time.Hour).newest(noon()); ok {
		t.Error("an empty history has a newest reading")
	}
}

func TestHistoryGivesBackWhatItGot(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -(3*60+30)*60)
	want := dexcom.Reading{
		ID: "a", Time: time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC), MgDL: 109.895, Trend: dexcom.SingleDown,
		TrendRate: -2.3, HasTrendRate: true, Generation: dexcom.OnePlus,
	}
	want.DisplayTime = want.Time.In(zone)
	h := newHistory(365 * 24 * time.Hour)
	h.upsert([]dexcom.Reading{want}, noon(), false)
	got := all(h)[0]
	if !got.Time.Equal(want.Time) || got.MgDL != want.MgDL || got.Trend != want.Trend || got.TrendRate != want.TrendRate ||
		!got.HasTrendRate || got.Generation != want.Generation || got.UTCOffset != -(3*time.Hour+30*time.Minute) {
		t.Errorf("got %+v\nfrom %+v", got, want)
	}
	h.upsert([]dexcom.Reading{{ID: "b", Time: noon(), MgDL: 100}}, noon(), false)
	if got := all(h)[1]; got.HasTrendRate || got.UTCOffset != 0 {
		t.Errorf("got %+v, want neither a rate nor an offset", got)
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		time, arrived, want time.Duration // before now
	}{
		"late":                  {time.Hour, time.Minute, time.Hour},
		"the device runs ahead": {-4 * time.Minute, time.Minute, time.Minute},
		"both ahead":            {-time.Minute, -time.Second, 0},
	} {
		r := Reading{Time: noon().Add(-test.time), Arrived: noon().Add(-test.arrived)}
		if got := r.Age(noon()); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func BenchmarkUpsertOverlap(b *testing.B) {
	var batch []dexcom.Reading
	for i := range 14 * 288 {
		batch = append(batch, egv(strconv.Itoa(i), 5*i, 120))
	}
	h := newHistory(14 * 24 * time.Hour)
	h.upsert(batch, noon(), false)
	for b.Loop() {
		h.upsert(batch[:288], noon(), false)
	}
}
