package collector

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// unsmoothed is a reading of version 2 that is minutes old at noon and has no
// smoothed value yet.
func unsmoothed(minutes int, mgdl float64) dexcom.Reading {
	r := egv("", minutes, mgdl)
	r.Provisional = true
	return r
}

func TestHoldBack(t *testing.T) {
	t.Parallel()
	type batch struct {
		after    time.Duration // noon
		readings []dexcom.Reading
	}
	first := batch{0, []dexcom.Reading{unsmoothed(10, 100), unsmoothed(5, 110)}}
	for name, test := range map[string]struct {
		batches  []batch
		at       time.Duration // after noon
		smooths  bool
		released []float64
	}{
		"it arrived just now":          {[]batch{first}, 0, true, nil},
		"a second before 6 h are over": {[]batch{first}, 6*time.Hour - time.Second, true, nil},
		"6 h after it arrived":         {[]batch{first}, 6 * time.Hour, true, []float64{100, 110}},
		"nothing smooths":              {[]batch{first}, 0, false, []float64{100, 110}},
		"one is smoothed":              {[]batch{first, {time.Hour, []dexcom.Reading{egv("", 10, 102)}}}, time.Hour, true, []float64{102}},
		"the same once more":           {[]batch{first, first}, time.Hour, true, nil},
		"a later batch with later readings": {
			[]batch{first, {time.Hour, []dexcom.Reading{unsmoothed(0, 120)}}}, time.Hour, true, []float64{100, 110},
		},
		"smoothed in the batch that overtakes": {
			[]batch{first, {time.Hour, []dexcom.Reading{egv("", 10, 102), egv("", 5, 113), unsmoothed(0, 120)}}}, time.Hour, true, []float64{102, 113},
		},
		"another value in the batch that overtakes": {
			[]batch{first, {time.Hour, []dexcom.Reading{unsmoothed(10, 98), unsmoothed(0, 120)}}}, time.Hour, true, []float64{98, 110},
		},
		"a later batch between them": {
			[]batch{first, {time.Hour, []dexcom.Reading{unsmoothed(7, 105)}}}, time.Hour, true, []float64{100},
		},
		"a later batch with older readings": {
			[]batch{first, {time.Hour, []dexcom.Reading{unsmoothed(60, 90)}}}, time.Hour, true, nil,
		},
		"an empty batch":          {[]batch{first, {time.Hour, nil}}, time.Hour, true, nil},
		"what was late waits too": {[]batch{first, {time.Hour, []dexcom.Reading{unsmoothed(60, 90)}}}, 6 * time.Hour, true, []float64{100, 110}},
		"version 3":               {[]batch{{0, []dexcom.Reading{egv("a", 5, 100), egv("b", 0, 110)}}}, 0, true, []float64{100, 110}},
		"as far ahead as is live": {[]batch{{0, []dexcom.Reading{egv("a", -5, 100)}}}, 0, true, []float64{100}},
		"further ahead":           {[]batch{{0, []dexcom.Reading{egv("a", -60, 100)}}}, 54 * time.Minute, true, nil},
		"further ahead, later":    {[]batch{{0, []dexcom.Reading{egv("a", -60, 100)}}}, 55 * time.Minute, true, []float64{100}},
		"ahead and provisional":   {[]batch{{0, []dexcom.Reading{unsmoothed(-60, 100)}}}, time.Hour, true, nil},
	} {
		h := newHistory(24 * time.Hour)
		for _, b := range test.batches {
			h.upsert(b.readings, noon().Add(b.after), false)
		}
		var got []float64
		for _, r := range h.settle(noon().Add(test.at), test.smooths) {
			got = append(got, r.MgDL)
		}
		if !slices.Equal(got, test.released) {
			t.Errorf("%s: released %v, want %v", name, got, test.released)
		}
		if again := h.settle(noon().Add(test.at), test.smooths); len(again) > 0 {
			t.Errorf("%s: released %v twice", name, again)
		}
	}
}

// A reading that was let go is out of our hands: only what it lacked is filled in.
func TestAReleasedReadingNeverChanges(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "a"} {
		h := newHistory(24 * time.Hour)
		at := noon().Add(-5 * time.Minute)
		h.upsert([]dexcom.Reading{{ID: id, Time: at, MgDL: 100, Trend: dexcom.Flat}}, noon(), false)
		h.settle(noon(), true)
		h.upsert([]dexcom.Reading{{
			ID: id, Time: at, MgDL: 104, Trend: dexcom.DoubleUp, TrendRate: 1.5, HasTrendRate: true, Generation: dexcom.G6, Provisional: true,
		}}, noon().Add(time.Hour), false)
		h.upsert([]dexcom.Reading{{ID: id, Time: at, MgDL: 108, TrendRate: 3, HasTrendRate: true, Generation: dexcom.G7}}, noon().Add(2*time.Hour), false)
		want := Reading{
			Time: at, Arrived: noon(), MgDL: 100, Trend: dexcom.Flat, TrendRate: 1.5, HasTrendRate: true, Generation: dexcom.G6,
		}
		if got := all(h); len(got) != 1 || got[0] != want {
			t.Errorf("id %q: %+v\nwant one %+v", id, got, want)
		}
		if late := h.settle(noon().Add(48*time.Hour), true); len(late) > 0 {
			t.Errorf("id %q: released again: %v", id, late)
		}
	}
}

// An id that comes back with another time is the reading that is held, and after
// its release the one that was let go.
func TestAReadingKeepsItsTimeWhileHeldAndAfter(t *testing.T) {
	t.Parallel()
	h := newHistory(24 * time.Hour)
	moved := func(minutes int, mgdl float64) dexcom.Reading {
		r := unsmoothed(minutes, mgdl)
		r.ID = "a"
		return r
	}
	h.upsert([]dexcom.Reading{moved(10, 100)}, noon(), false)
	h.upsert([]dexcom.Reading{moved(9, 101)}, noon(), false)
	released := h.settle(noon(), false)
	h.upsert([]dexcom.Reading{moved(8, 102)}, noon(), false)
	want := noon().Add(-10 * time.Minute)
	if len(released) != 1 || released[0].MgDL != 101 || !released[0].Time.Equal(want) {
		t.Errorf("released %v, want 101 at %v", released, want)
	}
	if got := all(h); len(got) != 1 || got[0] != released[0] {
		t.Errorf("kept %v, want what was released", got)
	}
}

func TestNothingIsKeptOfWhatWasReleased(t *testing.T) {
	t.Parallel()
	h := newHistory(24 * time.Hour)
	var batch []dexcom.Reading
	for i := range 288 {
		batch = append(batch, unsmoothed(5*i, 120))
	}
	h.upsert(batch, noon(), false)
	if got := len(h.held.readings); got != 288 {
		t.Fatalf("%d held, want 288", got)
	}
	if released := h.settle(noon(), false); len(released) != 288 || h.held.readings != nil {
		t.Errorf("%d released, %d in memory", len(released), cap(h.held.readings))
	}
	h.upsert(batch, noon(), false)
	if h.held.readings != nil {
		t.Errorf("%d held again", len(h.held.readings))
	}
}

func TestWhatTheHistoryForgotIsNotReleased(t *testing.T) {
	t.Parallel()
	h := newHistory(time.Hour)
	h.upsert([]dexcom.Reading{unsmoothed(59, 100), unsmoothed(5, 110)}, noon(), false)
	h.upsert([]dexcom.Reading{unsmoothed(-30, 120)}, noon().Add(30*time.Minute), false) // trims
	released := h.settle(noon().Add(30*time.Minute), false)
	if len(released) != 2 || released[0].MgDL != 110 || h.held.readings != nil {
		t.Errorf("released %v, %d held; want the newer ones only", released, len(h.held.readings))
	}
}

// model is the hold-back in the plainest words, and slow.
type model struct {
	readings map[int64]*modelled // by Unix seconds
	batches  int
}

type modelled struct {
	mgdl                             float64
	provisional, overtaken, released bool
	batch                            int
	arrived                          time.Time
}

func (m *model) take(batch []dexcom.Reading, now time.Time) {
	m.batches++
	var newest int64
	met := map[int64]float64{}
	for _, r := range batch {
		at := r.Time.Unix()
		if mgdl, twice := met[at]; twice && mgdl != r.MgDL {
			continue // the first of two stays
		}
		met[at] = r.MgDL
		known := m.readings[at]
		if known == nil {
			newest = max(newest, at)
			m.readings[at] = &modelled{mgdl: r.MgDL, provisional: r.Provisional, batch: m.batches, arrived: now}
		} else if !known.released {
			known.mgdl, known.provisional = r.MgDL, r.Provisional
		}
	}
	for at, r := range m.readings {
		r.overtaken = r.overtaken || r.batch < m.batches && at < newest
	}
}

func (m *model) settle(now time.Time, smooths bool) (released []string) {
	for _, at := range slices.Sorted(maps.Keys(m.readings)) {
		r := m.readings[at]
		waits := r.provisional && smooths && !r.overtaken && now.Sub(r.arrived) < 6*time.Hour
		if !r.released && !waits && at <= now.Add(5*time.Minute).Unix() {
			r.released = true
			released = append(released, fmt.Sprint(at, r.mgdl))
		}
	}
	return released
}

// Batches of version 2 at random, as nobody would write them down: the history
// releases what the model does, when it does, and never anything else.
func TestHoldBackAgainstAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		h, m := newHistory(90*24*time.Hour), model{readings: map[int64]*modelled{}}
		now, value := noon(), map[int64]string{}
		for step := range 100 {
			now = now.Add(time.Duration(random.IntN(7200)) * time.Second)
			batch := someBatch(random, now)
			h.upsert(batch, now, false)
			m.take(batch, now)
			smooths := random.IntN(20) > 0
			var got []string
			for _, r := range h.settle(now, smooths) {
				got = append(got, fmt.Sprint(r.Time.Unix(), r.MgDL))
				value[r.Time.Unix()] = got[len(got)-1]
			}
			if want := m.settle(now, smooths); !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d: released %v\nwant %v", seed, step, got, want)
			}
		}
		kept := h.between(time.Time{}, now.Add(100*time.Hour))
		for _, r := range kept {
			if was, released := value[r.Time.Unix()]; released && was != fmt.Sprint(r.Time.Unix(), r.MgDL) {
				t.Errorf("seed %d: %s was released and is %v now", seed, was, r.MgDL)
			}
		}
		if len(kept) != len(m.readings) || len(kept)-len(value) != len(h.held.readings) || len(value) < 50 {
			t.Errorf("seed %d: %d kept, %d released, %d held; want %d", seed, len(kept), len(value), len(h.held.readings), len(m.readings))
		}
	}
}

// someBatch has readings of the last hours, some twice, or one that is ahead.
func someBatch(random *rand.Rand, now time.Time) []dexcom.Reading {
	some := func(at time.Time) dexcom.Reading {
		return dexcom.Reading{Time: at, MgDL: float64(100 + random.IntN(3)), Provisional: random.IntN(3) > 0}
	}
	grid := now.Truncate(5 * time.Minute)
	if random.IntN(10) == 0 {
		return []dexcom.Reading{some(grid.Add(time.Duration(1+random.IntN(30)) * 5 * time.Minute))}
	}
	var batch []dexcom.Reading
	for range random.IntN(20) {
		batch = append(batch, some(grid.Add(-time.Duration(random.IntN(60))*5*time.Minute)))
	}
	return batch
}
