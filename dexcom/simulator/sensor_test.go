package simulator

import (
	"testing"
	"time"
)

// sessions are those that overlap the given days from noon() on.
func sessions(p *Person, days int) []Session {
	var found []Session
	for t := noon(); t.Before(noon().AddDate(0, 0, days)); t = t.Add(5 * time.Minute) {
		s, ok := p.Session(t)
		if ok && (len(found) == 0 || found[len(found)-1].Start != s.Start) {
			found = append(found, s)
		}
	}
	return found
}

func TestSessions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sensor       Sensor
		life, warmUp time.Duration
	}{
		{G6, 240 * time.Hour, 2 * time.Hour},
		{G7, 240 * time.Hour, 30 * time.Minute},
		{OnePlus, 240 * time.Hour, 30 * time.Minute},
		{G7FifteenDay, 360 * time.Hour, 30 * time.Minute},
	} {
		p := &Person{Seed: 9, Sensor: c.sensor}
		found := sessions(p, 300)
		if len(found) < 18 {
			t.Errorf("%s: only %d sessions", c.sensor, len(found))
		}
		for i, s := range found {
			if s.End.Sub(s.Start) != c.life || s.WarmUpEnd.Sub(s.Start) != c.warmUp {
				t.Errorf("%s: session %+v", c.sensor, s)
			}
			if c.sensor != G6 && s.TransmitterStart != s.Start {
				t.Errorf("%s: transmitter starts at %v, sensor at %v", c.sensor, s.TransmitterStart, s.Start)
			}
			if i == 0 {
				continue
			}
			pause := s.Start.Sub(found[i-1].End)
			if pause < 10*time.Minute || pause > 7*time.Hour {
				t.Errorf("%s: a pause of %v", c.sensor, pause)
			}
		}
	}
}

func TestG6TransmitterOutlivesSensors(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 9, Sensor: G6}
	starts, ids := make(map[time.Time]int), make(map[string]int)
	for _, s := range sessions(p, 400) {
		starts[s.TransmitterStart]++
		ids[s.TransmitterID]++
		if age := s.End.Sub(s.TransmitterStart); age > 90*24*time.Hour {
			t.Errorf("a transmitter of %v", age)
		}
	}
	if len(starts) != len(ids) || len(starts) < 4 || len(starts) > 7 {
		t.Errorf("400 days took %d transmitters with %d ids", len(starts), len(ids))
	}
}

func TestReadingsKeepToTheirSession(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		seen := make(map[time.Time]bool)
		for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 45)) {
			s, ok := p.Session(r.SystemTime)
			if !ok {
				t.Fatalf("reading at %v in no session", r.SystemTime)
			}
			if r.SystemTime.Add(slack.duration()).Before(s.WarmUpEnd) {
				t.Fatalf("reading at %v, warm-up ends %v", r.SystemTime, s.WarmUpEnd)
			}
			start := r.SystemTime.Add(-time.Duration(r.Ticks) * time.Second)
			if off := s.TransmitterStart.Sub(start); off < -time.Second || off > slack.duration() {
				t.Fatalf("ticks of %v say the transmitter started %v before it did", r.SystemTime, off)
			}
			seen[s.Start] = true
		}
		if len(seen) < 3 {
			t.Errorf("45 days of readings came from %d sensors", len(seen))
		}
	})
}

func TestFirstReadingsHaveNoTrend(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 9}
	blank := 0
	for _, s := range sessions(p, 100) {
		for _, r := range p.Readings(s.Start, s.End) {
			young := r.SystemTime.Sub(s.WarmUpEnd) < 15*time.Minute
			none := !r.HasRate && r.TrendRate == 0 && (r.Trend == "notComputable" || r.Trend == "none")
			if young != none {
				t.Fatalf("%v after the warm-up: trend %q, rate %v", r.SystemTime.Sub(s.WarmUpEnd), r.Trend, r.HasRate)
			}
			if young {
				blank++
			}
		}
	}
	if blank < 20 {
		t.Errorf("only %d readings without a trend in ten sessions", blank)
	}
}

func TestPeopleChangeSensorsOnDifferentDays(t *testing.T) {
	t.Parallel()
	days := make(map[string]bool)
	for seed := range uint64(20) {
		if s := sessions(&Person{Seed: seed}, 12); len(s) > 1 {
			days[s[1].Start.Format(time.DateOnly)] = true
		}
	}
	if len(days) < 6 {
		t.Errorf("20 people change sensors on only %d different days", len(days))
	}
}
