package simulator

import (
	"fmt"
	"hash/fnv"
	"slices"
	"testing"
	"time"
)

// wearers are people with data in version 2.
func wearers(t testing.TB) []*Person {
	t.Helper()
	covered := slices.DeleteFunc(people(t), func(p *Person) bool { return p.Sensor != G6 })
	return append(
		covered,
		&Person{Name: "steady", Seed: 31, Sensor: G6, HoldBack: 3 * time.Hour, Zone: zone(t, "America/New_York")},
		&Person{Name: "wide", Seed: 32, Sensor: G6, Mean: 170, Swing: 95, AwayShare: 0.2, Quirks: true},
	)
}

func eachWearer(t *testing.T, test func(t *testing.T, p *Person)) {
	t.Helper()
	for _, p := range wearers(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// late is an instant at which all of the tests' windows has been told.
func late() time.Time { return noon().AddDate(1, 0, 0) }

// naiveSmoothing computes a second time what a reading becomes, from its neighbours.
func naiveSmoothing(before, at, after V2Reading) (mgdl int, ok bool) {
	for _, r := range []V2Reading{before, at, after} {
		if r.Realtime < 40 || r.Realtime > 400 {
			return 0, false
		}
	}
	a, b := at.Ticks-before.Ticks, after.Ticks-at.Ticks
	if a < 299 || a > 301 || b < 299 || b > 301 {
		return 0, false
	}
	return (before.Realtime + 2*at.Realtime + after.Realtime + 2) / 4, true
}

func TestSmoothedValues(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		readings := p.V2Readings(noon(), noon().AddDate(0, 0, 30), late())
		never := 0
		for i := 1; i+1 < len(readings); i++ {
			r, next := readings[i], readings[i+1]
			want, ok := naiveSmoothing(readings[i-1], r, next)
			if !ok {
				never++
				if r.HasSmoothed || r.Smoothed != 0 || !r.SmoothedFrom.IsZero() || r.Value != r.Realtime {
					t.Fatalf("smoothed without two neighbours: %+v", r)
				}
				continue
			}
			if !r.HasSmoothed || r.Smoothed != want || r.Value != want {
				t.Fatalf("%+v is smoothed to %d, want %d", r, r.Smoothed, want)
			}
			if r.SmoothedFrom.Before(next.Available) {
				t.Fatalf("%+v was smoothed before %v, when the next one came", r, next.Available)
			}
		}
		if share := float64(never) / float64(len(readings)); share < 0.01 || share > 0.35 {
			t.Errorf("%.3f of all readings are never smoothed", share)
		}
	})
}

// A first or last reading of a session, or one beside a gap, is never smoothed,
// however the window cuts through its neighbours.
func TestSmoothingDoesNotDependOnTheWindow(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		from, to, now := noon(), noon().AddDate(0, 0, 12), noon().AddDate(0, 0, 11)
		whole := p.V2Readings(from, to, now)
		twin := *p // the same person in another process
		var parts []V2Reading
		for end := to; end.After(from); {
			start := end.Add(-53 * time.Minute)
			if start.Before(from) {
				start = from
			}
			parts = append(twin.V2Readings(start, end, now), parts...)
			end = start
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%d readings at once, %d in parts from the end, or others", len(whole), len(parts))
		}
		for _, r := range whole[:100] {
			at := r.SystemTime
			if got := p.V2Readings(at, at.Add(time.Nanosecond), now); len(got) != 1 || got[0] != r {
				t.Fatalf("alone it is %+v, want %+v", got, r)
			}
			if got := p.V2Readings(at.Add(-time.Minute), at, now); len(got) != 0 {
				t.Fatalf("the end of the window holds %+v", got)
			}
		}
	})
}

// A change of these sums changes everybody's life in version 2.
func TestV2ReadingsArePinned(t *testing.T) {
	t.Parallel()
	for i, want := range []string{
		"9dd6c21f39256f1b",
		"aa9a0fd826a70ac3",
		"89b35dac3a76ca01",
		"af32faf391942ee4",
		"24291472dedf0359",
	} {
		p := wearers(t)[i]
		sum := fnv.New64a()
		for _, r := range p.V2Readings(noon(), noon().AddDate(0, 0, 12), late()) {
			fmt.Fprintln(sum, r)
		}
		if got := fmt.Sprintf("%016x", sum.Sum64()); got != want {
			t.Errorf("%s: %s, want %s", p.Name, got, want)
		}
	}
}

func TestV2ReadingsAreThoseOfV3(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to, now := noon(), noon().AddDate(0, 0, 30), noon().AddDate(0, 0, 20).Add(7*time.Minute)
		got := p.V2Readings(from, to, now)
		if !p.v2Covers() {
			if got != nil {
				t.Errorf("version 2 has %d readings of a %s", len(got), p.product().variant)
			}
			return
		}
		want := p.AvailableReadings(from, to, now)
		if len(got) != len(want) {
			t.Fatalf("version 2 has %d readings, version 3 %d", len(got), len(want))
		}
		for i, r := range got {
			if off := r.Realtime - want[i].Value; off < -5 || off > 5 {
				t.Fatalf("the display showed %d for %+v", r.Realtime, want[i])
			}
			for _, word := range []int{Low, High} {
				if (r.Value == word) != (want[i].Value == word) || (r.Realtime == word) != (want[i].Value == word) {
					t.Fatalf("version 2 tells %+v of %+v", r, want[i])
				}
			}
			r.Value = want[i].Value
			if r.Reading != want[i] {
				t.Fatalf("version 2 has %+v, version 3 %+v", r.Reading, want[i])
			}
		}
	})
}

func TestNoiseNeitherMakesNorHidesLowAndHigh(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 39, Sensor: G6}
	for value := Low; value <= High; value++ {
		seen := make(map[int]bool)
		for key := range int64(400) {
			shown := p.realtime(value, key)
			seen[shown] = true
			if (shown == Low) != (value == Low) || (shown == High) != (value == High) || shown < value-5 || shown > value+5 {
				t.Fatalf("%d is shown as %d", value, shown)
			}
		}
		if want := min(value+5, High-1) - max(value-5, Low+1) + 1; measurable(value) && len(seen) != want {
			t.Fatalf("%d is shown in %d ways, want %d", value, len(seen), want)
		}
	}
}

func TestSmoothingChangesMostValuesALittle(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 33, Sensor: G6}
	changed, smoothed, rough, smooth := 0, 0, 0, 0
	for _, r := range p.V2Readings(noon(), noon().AddDate(0, 0, 60), late()) {
		if !r.HasSmoothed {
			continue
		}
		off := r.Smoothed - r.Realtime
		if off < -7 || off > 7 {
			t.Fatalf("%d became %d", r.Realtime, r.Smoothed)
		}
		smoothed++
		if off != 0 {
			changed++
		}
		truth := p.Readings(r.SystemTime, r.SystemTime.Add(time.Second))[0].Value
		rough += (r.Realtime - truth) * (r.Realtime - truth)
		smooth += (r.Smoothed - truth) * (r.Smoothed - truth)
	}
	if share := float64(changed) / float64(smoothed); share < 0.6 || share > 0.95 {
		t.Errorf("smoothing changed %.3f of %d values", share, smoothed)
	}
	if smooth*2 > rough {
		t.Errorf("squared noise is %d before smoothing and %d after", rough, smooth)
	}
}

func TestSmoothingOfPlainPeopleIsNeverLate(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 34, Sensor: G6, Rhythm: Hourly}
	readings := p.V2Readings(noon(), noon().AddDate(0, 0, 30), late())
	for i, r := range readings[:len(readings)-1] {
		if r.HasSmoothed && !r.SmoothedFrom.Equal(readings[i+1].Available) {
			t.Errorf("%+v, though the next one came at %v", r, readings[i+1].Available)
		}
	}
}

func TestSmoothingOfSomeIsLate(t *testing.T) {
	t.Parallel()
	for _, p := range []*Person{
		{Seed: 34, Sensor: G6, Quirks: true},
		{Seed: 35, Sensor: G6, Rhythm: Hourly, HoldBack: time.Hour, OfflineShare: 0.2, Quirks: true},
	} {
		delayed, smoothed, shortest, longest := 0, 0, time.Duration(1<<62), time.Duration(0)
		readings := p.V2Readings(noon(), noon().AddDate(0, 0, 90), late())
		for i, r := range readings[:len(readings)-1] {
			if !r.HasSmoothed {
				continue
			}
			smoothed++
			if d := r.SmoothedFrom.Sub(readings[i+1].Available); d > 0 {
				delayed++
				shortest, longest = min(shortest, d), max(longest, d)
			}
		}
		if share := float64(delayed) / float64(smoothed); share < 0.025 || share > 0.035 {
			t.Errorf("%.4f of %d readings are smoothed late", share, smoothed)
		}
		if shortest < 30*time.Minute || shortest > 40*time.Minute || longest > 5*time.Hour || longest < 290*time.Minute {
			t.Errorf("late by %v to %v", shortest, longest)
		}
	}
}

// The last reading of an upload is smoothed by the next one, and what is beside
// a gap that is filled late is smoothed late.
func TestNewestReadingOfAnUploadIsNotSmoothed(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		readings := p.V2Readings(noon(), noon().AddDate(0, 0, 30), late())
		waited := 0
		for i, r := range readings[:len(readings)-1] {
			next := readings[i+1]
			if r.SmoothedFrom.IsZero() || next.Uploaded.Equal(r.Uploaded) {
				continue
			}
			waited++
			if got := p.V2Readings(r.SystemTime, r.SystemTime.Add(time.Second), next.Available.Add(-time.Nanosecond)); len(got) != 1 ||
				got[0].HasSmoothed || got[0].Value != r.Realtime {
				t.Fatalf("before %v it is %+v", next.Available, got)
			}
		}
		if waited == 0 {
			t.Error("no upload ended in the midst of readings")
		}
	})
}

func TestSmoothedFromThatInstantOn(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		for _, r := range p.V2Readings(noon(), noon().AddDate(0, 0, 1), late()) {
			if r.SmoothedFrom.IsZero() {
				continue
			}
			from, to := r.SystemTime, r.SystemTime.Add(time.Second)
			before := p.V2Readings(from, to, r.SmoothedFrom.Add(-time.Nanosecond))
			if r.SmoothedFrom.Equal(r.Available) && len(before) == 0 {
				continue
			}
			if len(before) != 1 || before[0].HasSmoothed || before[0].Value != r.Realtime || before[0].Smoothed != r.Smoothed {
				t.Fatalf("%+v was there before", before)
			}
			if got := p.V2Readings(from, to, r.SmoothedFrom); len(got) != 1 || got[0] != r {
				t.Fatalf("%+v was not there in time", r)
			}
		}
	})
}

// Whoever asks again and again sees each value change once at most, and never back.
func TestPollingSeesAValueChangeOnce(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 5)
		seen, changes := make(map[string]V2Reading), 0
		step, back, least := 47*time.Minute, 2, 3
		if p.Rhythm == EveryTenDays { // one upload has all
			step, back, least = 11*time.Hour, 13, 0
		}
		for now := from; now.Before(to.AddDate(0, 0, back+1)); now = now.Add(step) {
			start := now.AddDate(0, 0, -back)
			if start.Before(from) {
				start = from
			}
			for _, r := range p.V2Readings(start, to, now) {
				before, ok := seen[r.RecordID]
				seen[r.RecordID] = r
				if !ok || before == r {
					continue
				}
				changes++
				if before.HasSmoothed || !r.HasSmoothed || before.Value != r.Realtime || r.Value != r.Smoothed {
					t.Fatalf("%+v became %+v", before, r)
				}
			}
		}
		if n := len(p.Readings(from, to)); len(seen) != n || changes < least {
			t.Errorf("saw %d readings of %d and %d changes", len(seen), n, changes)
		}
	})
}

func TestTriples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		items []int
		want  [][3]int
	}{
		{nil, nil},
		{[]int{1}, [][3]int{{0, 1, 0}}},
		{[]int{1, 2}, [][3]int{{0, 1, 2}, {1, 2, 0}}},
		{[]int{1, 2, 3}, [][3]int{{0, 1, 2}, {1, 2, 3}, {2, 3, 0}}},
	} {
		if got := slices.Collect(triples(slices.Values(c.items))); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.items, got, c.want)
		}
	}
	for x := range triples(slices.Values([]int{1, 2, 3})) {
		if x != [3]int{0, 1, 2} {
			t.Errorf("got %v first", x)
		}
		break
	}
}
