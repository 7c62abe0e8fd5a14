package simulator

import (
	"fmt"
	"hash/fnv"
	"slices"
	"testing"
	"time"
)

func TestReadingsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 12)
		whole := p.Readings(from, to)
		twin := *p // the same person in another process
		var parts []Reading
		for end := to; end.After(from); {
			start := end.Add(-7 * time.Hour)
			if start.Before(from) {
				start = from
			}
			parts = append(twin.Readings(start, end), parts...)
			end = start
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%d readings at once, %d in parts from the end, or others", len(whole), len(parts))
		}
	})
}

// A change of these sums changes everybody's life: tests that pin values of a
// seed, and pictures made from the demo, change with it.
func TestReadingsArePinned(t *testing.T) {
	t.Parallel()
	for i, want := range []string{
		"4b89a0e747a739b7",
		"5a7ff72358df3c8e",
		"bca219d3bdac511c",
		"f9f352fb7b9b3a2e",
		"2fa06072ec814278",
		"23016a91c634be4c",
	} {
		p := people(t)[i]
		sum := fnv.New64a()
		for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 12)) {
			fmt.Fprintln(sum, r)
		}
		if got := fmt.Sprintf("%016x", sum.Sum64()); got != want {
			t.Errorf("%s: %s, want %s", p.Name, got, want)
		}
	}
}

func TestReadingsAreAscendingAndUnique(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		ids := make(map[string]bool)
		var last time.Time
		for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 40)) {
			if !r.SystemTime.After(last) {
				t.Fatalf("%v after %v", r.SystemTime, last)
			}
			if gap := r.SystemTime.Sub(last); gap < 3*time.Minute {
				t.Fatalf("only %v between two readings", gap)
			}
			if ids[r.RecordID] {
				t.Fatalf("record id %s twice", r.RecordID)
			}
			if r.SystemTime.Location() != time.UTC || r.Trend == "" || !r.HasRate && r.TrendRate != 0 {
				t.Fatalf("odd reading %+v", r)
			}
			last, ids[r.RecordID] = r.SystemTime, true
		}
	})
}

func TestReadingsWindowIsHalfOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		for _, r := range p.Readings(noon(), noon().Add(12*time.Hour))[:20] {
			at := r.SystemTime
			for _, c := range []struct {
				from, to time.Time
				want     int
			}{
				{at, at.Add(time.Minute), 1},
				{at, at.Add(time.Nanosecond), 1},
				{at.Add(time.Nanosecond), at.Add(time.Minute), 0},
				{at.Add(-time.Minute), at, 0},
				{at, at, 0},
				{at.Add(time.Minute), at, 0},
			} {
				if got := p.Readings(c.from, c.to); len(got) != c.want || c.want == 1 && got[0] != r {
					t.Errorf("[%v, %v) holds %v, want %d", c.from, c.to, got, c.want)
				}
			}
		}
	})
}

func TestPlainReadingsKeepTheGrid(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 1}
	var last Reading
	late := 0
	for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 60)) {
		if r.SystemTime.Nanosecond() != 0 {
			t.Fatalf("time %v", r.SystemTime)
		}
		step := r.Ticks - last.Ticks
		if r.Ticks > last.Ticks && last.Ticks > 0 {
			if off := (step + 1) % 300; off > 2 {
				t.Fatalf("%d s between readings", step)
			}
			if step%300 == 1 {
				late++
			}
			if passed := r.SystemTime.Sub(last.SystemTime); passed != time.Duration(step)*time.Second {
				t.Fatalf("%v passed in %d ticks", passed, step)
			}
		}
		last = r
	}
	if late == 0 {
		t.Error("no jitter at all")
	}
}

// Of all that a sensor could give a little is lost: single readings, rare long
// gaps, warm-ups and pauses.
func TestShareOfReadings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		person    Person
		low, high float64
	}{
		{Person{}, 0.94, 0.985},
		{Person{Sensor: G6}, 0.94, 0.985},
		{Person{OfflineShare: 0.5}, 0.94, 0.985}, // nothing is lost
		{Person{AwayShare: 0.1}, 0.90, 0.985},    // mostly back-filled
		{Person{Sensor: G6, AwayShare: 0.3}, 0.68, 0.86},
		{Person{AwayShare: 0.9}, 0.60, 0.85},
		{Person{Sensor: G6, AwayShare: 0.9}, 0.08, 0.25},
	} {
		n := 0
		for seed := range uint64(3) {
			c.person.Seed = seed
			n += len(c.person.Readings(noon(), noon().AddDate(0, 0, 60)))
		}
		if got := float64(n) / (3 * 60 * 288); got < c.low || got > c.high {
			t.Errorf("%+v: %.3f of all readings, want %v to %v", c.person, got, c.low, c.high)
		}
	}
}

func TestSomeGapsLastLong(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 1, Since: noon()}
	gaps := make(map[time.Duration]int)
	var last time.Time
	for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 200)) {
		if !last.IsZero() {
			gaps[r.SystemTime.Sub(last).Truncate(10*time.Minute)]++
		}
		last = r.SystemTime
	}
	if gaps[10*time.Minute] < 100 {
		t.Errorf("lost readings are too rare: %v", gaps)
	}
	long := 0
	for gap, n := range gaps {
		if gap >= 30*time.Minute {
			long += n
		}
	}
	if long < 25 || long > 120 { // 20 changes of the sensor among them
		t.Errorf("%d gaps of half an hour or more: %v", long, gaps)
	}
}

func BenchmarkReadings(b *testing.B) {
	p := &Person{Seed: 1, OfflineShare: 0.1, AwayShare: 0.1}
	for b.Loop() {
		p.Readings(noon(), noon().AddDate(0, 0, 1))
	}
}
