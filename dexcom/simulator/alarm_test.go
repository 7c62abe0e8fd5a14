package simulator

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"
)

// sleepers are people whose alarms are not like those of others.
func sleepers(t testing.TB) []*Person {
	t.Helper()
	return append(people(t),
		&Person{Name: "always high", Seed: 11, Mean: 330},
		&Person{Name: "always low", Seed: 12, Mean: 50, Swing: 15},
		&Person{Name: "between", Seed: 13, Mean: 250, Swing: 1},
		&Person{Name: "hardly there", Seed: 14, AwayShare: 0.95, Swing: 70},
		&Person{Name: "in and out", Seed: 15, AwayShare: 0.3, OfflineShare: 0.4, Swing: 70},
		&Person{Name: "odd and high", Seed: 20, Quirks: true, Mean: 260, Swing: 60},
		&Person{Name: "odder and high", Seed: 21, Quirks: true, Mean: 300},
		&Person{Name: "night owl", Seed: 16, Swing: 90, Zone: zone(t, "Pacific/Auckland"), Since: noon().AddDate(0, 0, 3)},
	)
}

func TestAlarmsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, p := range sleepers(t) {
		from, to, now := noon(), noon().AddDate(0, 0, 18), noon().AddDate(0, 0, 17)
		whole := p.Alarms(from, to, now)
		var parts []Alarm
		for end := to; end.After(from); end = end.Add(-9 * time.Hour) {
			parts = append(p.Alarms(end.Add(-9*time.Hour), end, now), parts...)
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%s: %d alarms at once, %d in parts, or others", p.Name, len(whole), len(parts))
		}
	}
}

func TestAlarmsTakeTurns(t *testing.T) {
	t.Parallel()
	next := map[string][]string{
		"":       {alarming},
		alarming: {snoozed, inactive},
		snoozed:  {alarming, inactive},
		inactive: {alarming},
	}
	for _, p := range sleepers(t) {
		if p.Quirks {
			continue
		}
		p.Since = noon()
		ids := make(map[string]bool)
		states := make(map[string]string)
		var last time.Time
		for _, a := range p.Alarms(noon().AddDate(0, 0, -3), noon().AddDate(0, 0, 60), late()) {
			if !slices.Contains(next[states[a.Alert]], a.State) {
				t.Errorf("%s: %s is %s after %s at %v", p.Name, a.Alert, a.State, states[a.Alert], a.SystemTime)
			}
			if ids[a.RecordID] || a.SystemTime.Before(last) || a.SystemTime.Before(p.Since) {
				t.Fatalf("%s: %+v after %v", p.Name, a, last)
			}
			ids[a.RecordID], states[a.Alert], last = true, a.State, a.SystemTime
		}
		if len(ids) == 0 {
			t.Errorf("%s never has an alarm", p.Name)
		}
	}
}

// limit is what the person's settings say of an alert at a reading, found
// without the code under test.
func (p *Person) limit(alert string, r Reading) (beyond, back bool) {
	s := p.Thresholds()
	if night, ok := p.NightSchedule(); ok && night.Active(r.SystemTime.In(p.zone())) {
		s.High, s.Low = night.High, night.Low
	}
	mgdl := float64(r.Value)
	ahead := mgdl + 20*r.TrendRate
	switch alert {
	case "high":
		return mgdl >= s.High, mgdl < s.High-10
	case "low":
		return mgdl <= s.Low, mgdl > s.Low+10
	case "urgentLow":
		return mgdl <= 55, mgdl > 65
	case "urgentLowSoon":
		return r.HasRate && mgdl > 55 && ahead <= 55, mgdl <= 55 || r.HasRate && ahead > 65
	case "rise":
		return r.HasRate && r.TrendRate >= s.Rise && mgdl >= 180, r.HasRate && r.TrendRate < s.Rise-1
	default:
		return r.HasRate && r.TrendRate <= -s.Fall && mgdl <= 100, r.HasRate && r.TrendRate > 1-s.Fall
	}
}

// seen are the readings that the display gets while they are new.
func (p *Person) seen(from, to time.Time) []Reading {
	return slices.DeleteFunc(p.Readings(from, to), func(r Reading) bool {
		_, apart := p.away().at(floor(r.SystemTime))
		return apart
	})
}

func TestNoAlarmWithoutExcursionAndNoneMissed(t *testing.T) {
	t.Parallel()
	total := make(map[string]int)
	wild := &Person{Name: "wild", Mean: 120, Swing: 130}
	for a := wild.Thresholds(); !a.RiseFall || a.Fall > 2; a = wild.Thresholds() {
		wild.Seed++
	}
	for _, p := range append(sleepers(t), wild) {
		if p.Quirks {
			continue
		}
		from, to := noon().AddDate(0, 0, 5), noon().AddDate(0, 0, 25)
		alarms := p.Alarms(from.Add(-49*time.Hour), to, late())
		for _, alert := range p.valueAlerts() {
			own := slices.DeleteFunc(slices.Clone(alarms), func(a Alarm) bool { return a.Alert != alert })
			total[alert] += p.checkAlert(t, alert, own, from, to)
		}
	}
	for _, alert := range []string{"high", "low", "urgentLow", "urgentLowSoon", "rise", "fall"} {
		if total[alert] < 5 {
			t.Errorf("%s went off only %d times", alert, total[alert])
		}
	}
}

// checkAlert compares the alarms of one alert with the readings, and counts those that went off.
func (p *Person) checkAlert(t *testing.T, alert string, alarms []Alarm, from, to time.Time) (count int) {
	t.Helper()
	byTime := make(map[time.Time]Reading)
	begun := make(map[time.Time]time.Time)
	var since time.Time // the first reading beyond
	var last Reading
	for _, r := range p.seen(from.Add(-time.Hour), to) {
		byTime[r.SystemTime] = r
		beyond, back := p.limit(alert, r)
		if back || r.SystemTime.Sub(last.SystemTime) > 20*time.Minute {
			since = time.Time{}
		}
		if beyond && since.IsZero() {
			since = r.SystemTime
		}
		begun[r.SystemTime] = since
		state, changed := stateAt(alarms, r.SystemTime)
		due := beyond && (alert != "high" || r.SystemTime.Sub(since) >= time.Hour || p.nightly(r.SystemTime))
		fresh := r.SystemTime.Day() != last.SystemTime.Day() || changed.Equal(r.SystemTime) || changed.Equal(last.SystemTime)
		if due && state == inactive && !fresh && !p.Silenced(r.SystemTime) && r.SystemTime.After(from) {
			t.Errorf("%s: no %s alarm at %+v, %s since %v", p.Name, alert, r, state, changed)
		}
		if back && state != inactive && r.SystemTime.After(from) {
			t.Errorf("%s: %s is still %s at %+v", p.Name, alert, state, r)
		}
		last = r
	}
	for _, a := range alarms {
		if a.State != alarming || a.SystemTime.Before(from) {
			continue
		}
		count++
		r, ok := byTime[a.SystemTime]
		if beyond, _ := p.limit(alert, r); !ok || !beyond || p.Silenced(a.SystemTime) {
			t.Errorf("%s: %+v at %+v", p.Name, a, r)
		}
		before, _ := stateAt(alarms, a.SystemTime.Add(-1))
		if wait := a.SystemTime.Sub(begun[a.SystemTime]); alert == "high" && before == inactive && wait < time.Hour && !p.nightly(a.SystemTime) {
			t.Errorf("%s: %+v after %v", p.Name, a, wait)
		}
	}
	return count
}

func (p *Person) nightly(at time.Time) bool {
	night, ok := p.NightSchedule()
	return ok && night.Active(at.In(p.zone()))
}

// stateAt is what the alarms of one alert say of an instant.
func stateAt(alarms []Alarm, at time.Time) (state string, since time.Time) {
	n, found := slices.BinarySearchFunc(alarms, at, func(a Alarm, at time.Time) int { return a.SystemTime.Compare(at) })
	if found {
		n++
	}
	if n == 0 {
		return inactive, since
	}
	return alarms[n-1].State, alarms[n-1].SystemTime
}

func TestSnoozedAlarmsGoOffAgain(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 11, Mean: 330}
	night, _ := p.NightSchedule()
	snooze := min(p.Thresholds().Snooze, night.Snooze)
	var quiet time.Time
	again := 0
	for _, a := range p.Alarms(noon(), noon().AddDate(0, 0, 20), late()) {
		if a.Alert != "high" {
			continue
		}
		if wait := a.SystemTime.Sub(quiet); a.State == alarming && !quiet.IsZero() {
			again++
			if wait < snooze || wait > snooze+7*time.Hour { // the alerts may be silenced
				t.Errorf("%+v after a snooze of %v", a, wait)
			}
		}
		quiet = time.Time{}
		if a.State == snoozed {
			quiet = a.SystemTime
		}
	}
	if again < 100 {
		t.Errorf("only %d alarms after a snooze", again)
	}
}

func TestWhatLastsAllDayIsANewAlarmAtMidnight(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 11, Mean: 330}
	days := 0
	for n := range 40 {
		midnight := noon().Truncate(24*time.Hour).AddDate(0, 0, n)
		quiet := slices.DeleteFunc(p.Alarms(midnight.AddDate(0, 0, -1), midnight.Add(time.Hour), late()), func(a Alarm) bool {
			return a.Alert != "high" || a.State != inactive
		})
		if len(quiet) == 0 {
			t.Errorf("what lasts since %v never ends", midnight.AddDate(0, 0, -1))
		} else if !quiet[0].SystemTime.Before(midnight) {
			days++
		}
	}
	if days < 8 {
		t.Errorf("only %d days", days)
	}
}

func TestNobodyExpectsReadingsAfterADay(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 14, AwayShare: 0.95}
	var since time.Time
	whole := 0
	for _, a := range p.Alarms(noon(), noon().AddDate(0, 0, 200), late()) {
		switch {
		case a.Alert != "outOfRange":
		case a.State == alarming:
			since = a.SystemTime
		case a.State == inactive && !since.IsZero():
			if lasted := a.SystemTime.Sub(since); lasted > 24*time.Hour {
				t.Errorf("it lasted %v until %v", lasted, a.SystemTime)
			} else if lasted == 24*time.Hour {
				whole++
			}
		}
	}
	if whole < 10 {
		t.Errorf("%d alarms lasted a whole day", whole)
	}
}

// Each long time without readings is one alarm, of the right kind.
func TestMissingReadingsSoundAnAlarm(t *testing.T) {
	t.Parallel()
	total := make(map[string]int)
	for _, p := range sleepers(t) {
		if p.Quirks {
			continue
		}
		from, to := noon().AddDate(0, 0, 5), noon().AddDate(0, 0, 65)
		got := make(map[string][]time.Time)
		for _, a := range p.Alarms(from, to, late()) {
			if a.State == alarming && (a.Alert == "noReadings" || a.Alert == "outOfRange") {
				got[a.Alert] = append(got[a.Alert], a.SystemTime)
			}
		}
		want := make(map[string][]time.Time)
		readings := p.seen(from.AddDate(0, 0, -4), to.AddDate(0, 0, 4))
		for i, r := range readings[1:] {
			for alert, limit := range map[string]time.Duration{"noReadings": 20 * time.Minute, "outOfRange": p.Thresholds().OutOfRange} {
				at := readings[i].SystemTime.Add(limit)
				s, worn := p.Session(at)
				_, apart := p.away().at(floor(at))
				if r.SystemTime.After(at) && worn && !at.Before(s.WarmUpEnd) && apart == (alert == "outOfRange") &&
					!p.Silenced(at) && !at.Before(from) && at.Before(to) {
					want[alert] = append(want[alert], at)
				}
			}
		}
		if !maps.EqualFunc(got, want, slices.Equal[[]time.Time]) {
			t.Errorf("%s: got\n%v\nwant\n%v", p.Name, got, want)
		}
		total["noReadings"] += len(got["noReadings"])
		total["outOfRange"] += len(got["outOfRange"])
	}
	if total["noReadings"] < 20 || total["outOfRange"] < 20 {
		t.Errorf("too few: %v", total)
	}
}

func TestAlarmsKeepWindowAndHoldBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		all := p.Alarms(noon(), noon().AddDate(0, 0, 6), late())
		for _, a := range all[:min(len(all), 25)] {
			if a.Uploaded.Before(a.SystemTime) || a.Available.Before(a.Uploaded.Add(p.HoldBack)) {
				t.Errorf("%+v comes too early", a)
			}
			from, to := a.SystemTime, a.SystemTime.Add(1)
			if slices.Contains(p.Alarms(from, to, a.Available.Add(-1)), a) || !slices.Contains(p.Alarms(from, to, a.Available), a) {
				t.Errorf("%+v does not come when it is available", a)
			}
			if slices.Contains(p.Alarms(from.Add(-time.Hour), from, late()), a) || slices.Contains(p.Alarms(to, to.Add(time.Hour), late()), a) {
				t.Errorf("%+v is outside its window", a)
			}
		}
	})
}

func TestNumbersOfAlarms(t *testing.T) {
	t.Parallel()
	const days = 60
	for _, sensor := range []Sensor{G6, G7, OnePlus} {
		counts := make(map[string]int)
		for seed := range uint64(6) {
			p := &Person{Seed: seed, Sensor: sensor, Swing: 60}
			for _, a := range p.Alarms(noon(), noon().AddDate(0, 0, days), late()) {
				if a.State == alarming {
					counts[a.Alert]++
				}
			}
		}
		for alert, n := range counts {
			urgent := slices.Contains([]string{"urgentLow", "urgentLowSoon", "rise", "fall"}, alert)
			if a := float64(n) / (6 * days); a > 12 || urgent && sensor == OnePlus {
				t.Errorf("%s: %s %.2f times a day", sensor, alert, a)
			}
		}
		if least := slices.MinFunc([]string{"high", "low"}, func(a, b string) int { return cmp.Compare(counts[a], counts[b]) }); counts[least] < 50 {
			t.Errorf("%s: %v", sensor, counts)
		}
	}
}

func BenchmarkAlarms(b *testing.B) {
	p := &Person{Seed: 1, OfflineShare: 0.1, AwayShare: 0.1, Swing: 70, Zone: zone(b, "Europe/Berlin")}
	for b.Loop() {
		p.Alarms(noon(), noon().AddDate(0, 0, 14), late())
	}
}
