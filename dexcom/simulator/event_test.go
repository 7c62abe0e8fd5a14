package simulator

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestEventsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to, now := noon(), noon().AddDate(0, 0, 40), noon().AddDate(0, 0, 37)
		whole := p.Events(from, to, now)
		twin := *p // the same person in another process
		var parts []Event
		for end := to; end.After(from); {
			start := end.Add(-5 * time.Hour)
			if start.Before(from) {
				start = from
			}
			parts = append(twin.Events(start, end, now), parts...)
			end = start
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%d events at once, %d in parts from the end, or others", len(whole), len(parts))
		}
		if (len(whole) == 0) != (p.Sensor == OnePlus) {
			t.Errorf("%d events", len(whole))
		}
	})
}

func TestEventsWindowIsHalfOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		for _, e := range p.Events(noon(), noon().AddDate(0, 0, 5), late()) {
			at := e.SystemTime
			for _, c := range []struct {
				from, to time.Time
				want     bool
			}{
				{at, at.Add(time.Nanosecond), true},
				{at.Add(time.Nanosecond), at.Add(time.Minute), false},
				{at.Add(-time.Minute), at, false},
				{at, at, false},
			} {
				if got := slices.Contains(p.Events(c.from, c.to, late()), e); got != c.want {
					t.Errorf("[%v, %v) holds %v: %v", c.from, c.to, e, got)
				}
			}
		}
	})
}

func TestEventsAreAscendingAndUnique(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		p.Since = noon().AddDate(0, 0, -20)
		ids := make(map[string]bool)
		var last time.Time
		for _, e := range p.Events(noon().AddDate(0, 0, -60), noon().AddDate(0, 0, 60), late()) {
			if e.SystemTime.Before(last) || e.SystemTime.Before(p.Since) {
				t.Fatalf("%v after %v", e.SystemTime, last)
			}
			if ids[e.RecordID] {
				t.Fatalf("record id %s twice", e.RecordID)
			}
			if e.SystemTime.Location() != time.UTC || !e.HasValue && (e.Value != 0 || e.Unit != "") || e.HasValue && e.Value <= 0 {
				t.Fatalf("odd event %+v", e)
			}
			last, ids[e.RecordID] = e.SystemTime, true
		}
	})
}

// Whoever asks again and again sees each record come once, change at most once
// (people with quirks: twice), not before it can, and stay for ever.
func TestEventsChangeSeldom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 25)
		most, twice := 2, 0
		if p.Quirks {
			most = 3
		}
		seen := make(map[string][]Event)
		for now := from; now.Before(to.AddDate(0, 0, 16)); now = now.Add(97 * time.Minute) {
			told := p.Events(from, to, now)
			if len(told) < len(seen) {
				t.Fatalf("%d events became %d", len(seen), len(told))
			}
			for _, e := range told {
				if e.Available.After(now) || e.Available.Before(e.Uploaded.Add(p.HoldBack)) || e.Uploaded.Before(e.SystemTime) {
					t.Fatalf("at %v there is already %+v", now, e)
				}
				if known := seen[e.RecordID]; len(known) == 0 || known[len(known)-1] != e {
					seen[e.RecordID] = append(known, e)
				}
			}
		}
		for _, e := range p.Events(from, to, late()) {
			states := seen[e.RecordID]
			if len(states) == 0 || states[len(states)-1] != e {
				t.Fatalf("never seen: %+v", e)
			}
			for i := range states[1:] {
				if len(states) > most || !isChange(states[i], states[i+1], p.Quirks) {
					t.Fatalf("changes: %+v", states)
				}
			}
			if len(states) == 3 {
				twice++
			}
		}
		if p.Quirks && twice == 0 {
			t.Error("nothing changed twice")
		}
	})
}

// isChange tells whether a record can change so. What changes twice at once may
// have been corrected before it was deleted.
func isChange(before, after Event, twice bool) bool {
	later := after.Available.After(before.Available)
	switch after.Status {
	case updated:
		return later && before.Status != deleted && !after.SystemTime.After(before.SystemTime) && (before.Value != after.Value || before.Text != after.Text || !after.HasValue)
	case deleted:
		return later && before.Status != deleted && (twice || before.SystemTime.Equal(after.SystemTime) && before.Value == after.Value)
	default:
		return false
	}
}

func TestEventsComeAtTheirInstant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 10)
		for _, e := range p.Events(from, to, late()) {
			if slices.Contains(p.Events(from, to, e.Available.Add(-time.Nanosecond)), e) {
				t.Errorf("%+v was there before", e)
			}
			if !slices.Contains(p.Events(from, to, e.Available), e) {
				t.Errorf("%+v was not there in time", e)
			}
		}
	})
}

func TestSharesOfEvents(t *testing.T) {
	t.Parallel()
	const days = 400
	counts := make(map[string]int)
	from := noon()
	for seed := range uint64(5) {
		p := &Person{Seed: seed}
		for _, e := range p.Events(from, from.AddDate(0, 0, days), from.AddDate(2, 0, 0)) {
			counts[e.Type]++
			counts[e.Type+" "+e.SubType]++
			counts[e.Status]++
			if low, high := limits(e.Type); e.Value < low || e.Value > high || e.HasValue != (high > 0) {
				t.Fatalf("odd value in %+v", e)
			}
			if (e.Text != "") != (e.Type == "notes") {
				t.Fatalf("odd text in %+v", e)
			}
		}
	}
	for word, want := range map[string][2]float64{ // a day
		"carbs": {3.7, 4.4}, "insulin fastActing": {3.5, 4.2}, "insulin longActing": {1, 1.1}, "exercise": {0.35, 0.45},
		"exercise light": {0.1, 0.2}, "exercise medium": {0.1, 0.2}, "exercise heavy": {0.1, 0.2}, "health": {0.09, 0.15},
		"health illness": {0.01, 0.03}, "health stress": {0.01, 0.03}, "health highSymptoms": {0.01, 0.03},
		"health lowSymptoms": {0.01, 0.03}, "health cycle": {0.01, 0.03}, "health alcohol": {0.01, 0.03},
		"bloodGlucose": {0.15, 0.25}, "notes": {0.1, 0.2}, updated: {0.5, 0.9}, deleted: {0.5, 0.9},
	} {
		if got := float64(counts[word]) / (5 * days); got < want[0] || got > want[1] {
			t.Errorf("%s: %.3f a day, want %v", word, got, want)
		}
	}
}

func limits(kind string) (low, high float64) {
	switch kind {
	case "carbs":
		return 5, 120
	case "insulin":
		return 0.5, 40
	case "exercise":
		return 5, 120
	case "bloodGlucose":
		return 20, 500
	default:
		return 0, 0
	}
}

func TestEachMealIsWrittenDownByItsSize(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4, Zone: zone(t, "Asia/Tokyo")}
	written := make(map[time.Time]float64)
	for _, e := range p.Events(noon(), noon().AddDate(0, 0, 60), late()) {
		if e.Type == "carbs" && e.Status == created {
			written[e.SystemTime] = e.Value
		}
	}
	fits, meals := 0, 0
	for n := floor(noon()).slot(day) + 1; n < floor(noon()).slot(day)+59; n++ {
		for _, m := range p.plan(n).meals {
			if m.size == 0 {
				continue
			}
			meals++
			if math.Abs(written[m.at.time()]-45*m.size) < 0.1*45*m.size+2.6 {
				fits++
			}
		}
	}
	if fits < meals*8/10 || fits == meals { // some are corrected
		t.Errorf("%d of %d meals fit", fits, meals)
	}
}

func TestBloodGlucoseIsNearTheCurve(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4}
	for _, e := range p.Events(noon(), noon().AddDate(0, 0, 60), late()) {
		if e.Type == "bloodGlucose" && e.Status == created {
			if got := e.Value / p.Glucose(e.SystemTime); got < 0.85 || got > 1.15 {
				t.Errorf("%+v where the curve is at %v", e, p.Glucose(e.SystemTime))
			}
		}
	}
}

func TestSomeUpdatesMakeANewRecord(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4, HoldBack: time.Hour}
	gone := make(map[time.Time]Event)
	replaced := 0
	all := p.Events(noon(), noon().AddDate(0, 0, 200), late())
	for _, e := range all {
		if e.Status == deleted {
			gone[e.SystemTime] = e
		}
	}
	for _, e := range all {
		before, ok := gone[e.SystemTime]
		if !ok || e.Status != created || e.Type != before.Type || e.SubType != before.SubType {
			continue
		}
		replaced++
		if e.RecordID == before.RecordID || e.Value == before.Value && e.Text == before.Text || !e.Available.Equal(before.Available) {
			t.Errorf("%+v replaces %+v", e, before)
		}
	}
	if replaced < 20 || replaced > 100 {
		t.Errorf("%d records were replaced", replaced)
	}
}

func TestQuirksLeaveEventsWithoutMeaning(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4, Quirks: true}
	counts := make(map[string]int)
	for _, e := range p.Events(noon(), noon().AddDate(0, 0, 300), late()) {
		switch {
		case e.Type == "unknown":
			counts["type"]++
		case e.SubType == "unknown":
			counts["subtype"]++
		case e.SubType == "" && (e.Type == "insulin" || e.Type == "exercise" || e.Type == "health"):
			counts["no subtype"]++
		case !e.HasValue && eventUnit(e.Type) != "":
			counts["no value"]++
		default:
			counts["plain"]++
		}
	}
	for _, quirk := range []string{"type", "subtype", "no subtype", "no value"} {
		if counts[quirk] < 20 || counts[quirk] > counts["plain"]/10 {
			t.Errorf("%s: %v", quirk, counts)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	p := &Person{Seed: 1, OfflineShare: 0.1, Zone: zone(b, "Europe/Berlin")}
	for b.Loop() {
		p.Events(noon(), noon().AddDate(0, 0, 14), late())
	}
}
