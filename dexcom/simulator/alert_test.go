package simulator

import (
	"math"
	"testing"
	"time"
)

func TestThresholdsKeepDexcomsRanges(t *testing.T) {
	t.Parallel()
	within := func(name string, x, low, high, step float64) {
		t.Helper()
		if x < low || x > high || math.Mod(x, step) != 0 {
			t.Errorf("%s is %v, want %v to %v by %v", name, x, low, high, step)
		}
	}
	highs := make(map[float64]bool)
	for seed := range uint64(300) {
		p := &Person{Seed: seed}
		a := p.Thresholds()
		highs[a.High] = true
		within("high", a.High, 120, 400, 10)
		within("low", a.Low, 60, 100, 5)
		within("rise", a.Rise, 2, 3, 1)
		within("fall", a.Fall, 2, 3, 1)
		within("urgent low", a.UrgentLow, 55, 55, 1)
		within("urgent low soon", a.UrgentLowSoon, 55, 55, 1)
		within("out of range", a.OutOfRange.Minutes(), 20, 240, 5)
		within("no readings", a.NoReadings.Minutes(), 20, 20, 1)
		if n, ok := p.NightSchedule(); ok {
			within("high at night", n.High, 120, 400, 10)
			within("low at night", n.Low, 60, 100, 5)
		}
	}
	if len(highs) < 10 {
		t.Errorf("only %d different thresholds", len(highs))
	}
}

func TestNightScheduleActive(t *testing.T) {
	t.Parallel()
	n := NightSchedule{From: 22 * time.Hour, To: 6*time.Hour + 30*time.Minute, Days: allDays()[1:6]} // Monday to Friday
	for text, want := range map[string]bool{
		"2025-03-02 23:00": false, // Sunday
		"2025-03-03 05:00": false, // still Sunday's night
		"2025-03-03 21:59": false,
		"2025-03-03 22:00": true,
		"2025-03-04 06:29": true,
		"2025-03-04 06:30": false,
		"2025-03-07 22:00": true, // Friday
		"2025-03-08 06:00": true,
		"2025-03-08 23:00": false, // Saturday
	} {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Active(at); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestSomePeopleHaveSchedulesAndOverrides(t *testing.T) {
	t.Parallel()
	nights, overrides, old := 0, 0, 0
	for seed := range uint64(200) {
		p := &Person{Seed: seed}
		if _, ok := p.NightSchedule(); ok {
			nights++
		}
		if end, on, ok := p.override(noon()); ok {
			overrides++
			if !on || !end.Equal(noon().Add(time.Hour)) {
				t.Errorf("at noon the override is %v until %v", on, end)
			}
		}
		if end, on, ok := p.override(noon().Add(-2 * time.Hour)); ok && (on || end.Day() != noon().Day()-1) {
			t.Errorf("in the morning the override is %v until %v", on, end)
		}
		if len(p.v3Devices(noon())) == 2 {
			old++
		}
	}
	for name, n := range map[string]int{"night schedule": nights, "override": overrides, "old device": old} {
		if n < 20 || n > 120 {
			t.Errorf("%d of 200 people have a %s", n, name)
		}
	}
}
