package simulator

import (
	"slices"
	"testing"
	"time"
)

func TestThreeToFiveMealsADay(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 3, Zone: zone(t, "America/New_York")}
	seen := make(map[int]bool)
	for n := range 200 {
		midnight := time.Date(2025, 1, n, 0, 0, 0, 0, p.Zone)
		meals := p.meals(floor(midnight), floor(midnight.AddDate(0, 0, 1)))
		seen[len(meals)] = true
		if len(meals) < 3 || len(meals) > 5 {
			t.Fatalf("%d meals on %v", len(meals), midnight)
		}
		for _, m := range meals {
			if h := m.system.time().In(p.Zone).Hour(); h < 6 || h > 20 {
				t.Errorf("a meal at %v", m.system.time().In(p.Zone))
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("every day has one of %v numbers of meals", seen)
	}
}

func TestMealLifts(t *testing.T) {
	t.Parallel()
	if digestion(-1) != 0 || digestion(0) != 0 || digestion(13) != 0 {
		t.Error("a meal works outside its time")
	}
	if up := digestion(0.8); up < 1 {
		t.Errorf("after 48 minutes: %v", up)
	}
	if down := digestion(4); down >= 0 {
		t.Errorf("after four hours: %v", down)
	}
	if dip(0) != 1 || dip(1.5) != 0 || dip(-1.5) != 0 || dip(0.7) != dip(-0.7) {
		t.Error("a dip is not the hill it should be")
	}
}

func TestMealsAndCalibrationsAreHalfOpenAndAscending(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 3, Sensor: G6, Zone: zone(t, "Pacific/Auckland")}
	for name, between := range map[string]func(from, to millis) []moment{
		"meals": p.meals, "calibrations": p.calibrations,
	} {
		start := floor(noon())
		all := between(start, start+60*day)
		if len(all) < 10 {
			t.Fatalf("%s: only %d in 60 days", name, len(all))
		}
		if !slices.IsSortedFunc(all, func(a, b moment) int { return int(a.system - b.system) }) {
			t.Errorf("%s are not ascending", name)
		}
		var parts []moment
		for m := start; m < start+60*day; m += 5 * hour {
			parts = append(parts, between(m, min(m+5*hour, start+60*day))...)
		}
		if !slices.Equal(all, parts) {
			t.Errorf("%s: %d at once, %d in parts", name, len(all), len(parts))
		}
		first := all[0].system
		if got := between(first, first+1); len(got) != 1 {
			t.Errorf("%s: the start is not part of the window", name)
		}
		if got := between(first-1, first); len(got) != 0 {
			t.Errorf("%s: the end is part of the window", name)
		}
	}
}

func TestOnlyG6Calibrates(t *testing.T) {
	t.Parallel()
	for _, s := range []Sensor{G7, G7FifteenDay, OnePlus} {
		p := &Person{Seed: 3, Sensor: s}
		if got := p.calibrations(floor(noon()), floor(noon())+60*day); got != nil {
			t.Errorf("%s: %d calibrations", s, len(got))
		}
	}
}
