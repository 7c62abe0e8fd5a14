package simulator

import (
	"testing"
	"time"
)

// seek finds the ends by looking at everything.
func seek(p *Person, all []moment, now, since time.Time) (start, end time.Time, ok bool) {
	for _, m := range all {
		available := (m.sent + p.lag()).time()
		if !available.After(since) || available.After(now) {
			continue
		}
		if !ok {
			start, ok = m.system.time(), true
		}
		end = m.system.time()
	}
	return start, end, ok
}

func TestDataRange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		p.Since = noon().AddDate(0, 0, -50)
		for _, record := range []string{"egvs", "events", "calibrations", "alerts", ""} {
			for now := noon(); now.Before(noon().AddDate(0, 0, 1)); now = now.Add(151 * time.Minute) {
				var all []moment
				if j, ok := p.journal(record, floor(now)-p.lag()); ok {
					all = j.between(p.since(), floor(noon())+day)
				}
				for _, ago := range []time.Duration{
					0, 40 * time.Second, 20 * time.Minute, 4 * time.Hour, 50 * time.Hour,
					400 * time.Hour, 1300 * time.Hour, 100000 * time.Hour,
				} {
					start, end, ok := p.DataRange(record, now, now.Add(-ago))
					wantStart, wantEnd, want := seek(p, all, now, now.Add(-ago))
					if ok != want || ok && (!start.Equal(wantStart) || !end.Equal(wantEnd)) {
						t.Fatalf("%s at %v since %v: %v to %v, %v; want %v to %v, %v",
							record, now, ago, start, end, ok, wantStart, wantEnd, want)
					}
				}
			}
		}
	})
}

func TestDataRangeOfAll(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 31, Sensor: G6, Since: noon().AddDate(-1, 0, 0)}
	for record, has := range map[string]bool{"egvs": true, "events": true, "calibrations": true, "alerts": false} {
		start, end, ok := p.DataRange(record, noon(), time.Time{})
		if ok != has {
			t.Errorf("%s: %v", record, ok)
		}
		if ok && (start.Sub(p.Since) > 10*24*time.Hour || noon().Sub(end) > 10*24*time.Hour) {
			t.Errorf("%s: %v to %v", record, start, end)
		}
	}
	if _, _, ok := p.DataRange("egvs", noon(), noon().Add(time.Hour)); ok {
		t.Error("something new since the future")
	}
	if _, _, ok := p.DataRange("egvs", p.Since, time.Time{}); ok {
		t.Error("something before the beginning")
	}
}
