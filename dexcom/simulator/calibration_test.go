package simulator

import (
	"slices"
	"testing"
	"time"
)

func TestCalibrationsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to, now := noon(), noon().AddDate(0, 0, 90), noon().AddDate(0, 0, 88)
		whole := p.Calibrations(from, to, now)
		var parts []Calibration
		for end := to; end.After(from); {
			start := end.Add(-5 * time.Hour)
			parts = append(p.Calibrations(start, end, now), parts...)
			end = start
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%d calibrations at once, %d in parts, or others", len(whole), len(parts))
		}
		if most := map[Sensor]int{G5: 180, G6: 45}[p.Sensor]; (len(whole) > 0) != (most > 0) || len(whole) > most {
			t.Errorf("%d calibrations of a %s", len(whole), p.Sensor)
		}
	})
}

func TestCalibrationsTellTheTruthInTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 60)
		ids := make(map[string]bool)
		var last time.Time
		for _, c := range p.Calibrations(from, to, late()) {
			if !c.SystemTime.After(last) || ids[c.RecordID] {
				t.Fatalf("%+v after %v", c, last)
			}
			last, ids[c.RecordID] = c.SystemTime, true
			if ratio := float64(c.Value) / p.Glucose(c.SystemTime); (ratio < 0.85 || ratio > 1.15) && c.Value > Low+1 && c.Value < High-1 {
				t.Errorf("%+v where the curve is at %v", c, p.Glucose(c.SystemTime))
			}
			if s, worn := p.Session(c.SystemTime); !worn || c.SystemTime.Before(s.WarmUpEnd.Add(-time.Minute)) {
				t.Errorf("%+v without a sensor", c)
			}
			if c.Uploaded.Before(c.SystemTime) || c.Available.Before(c.Uploaded.Add(p.HoldBack)) {
				t.Errorf("%+v came too early", c)
			}
			if slices.Contains(p.Calibrations(from, to, c.Available.Add(-time.Nanosecond)), c) ||
				!slices.Contains(p.Calibrations(from, to, c.Available), c) {
				t.Errorf("%+v does not come when it is available", c)
			}
			if got := p.Calibrations(c.SystemTime, c.SystemTime.Add(1), late()); len(got) != 1 || got[0] != c {
				t.Errorf("the start is not part of the window: %v", got)
			}
			if got := p.Calibrations(c.SystemTime.Add(-1), c.SystemTime, late()); len(got) != 0 {
				t.Errorf("the end is part of the window: %v", got)
			}
		}
	})
}

func BenchmarkCalibrations(b *testing.B) {
	p := &Person{Seed: 1, Sensor: G6}
	for b.Loop() {
		p.Calibrations(noon(), noon().AddDate(0, 0, 14), late())
	}
}
