package simulator

import (
	"slices"
	"time"
)

// Thresholds are the person's alert settings, within the ranges Dexcom allows
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3).
// A ONE+ sends none of Rise, Fall, UrgentLow and UrgentLowSoon, a G5 no UrgentLowSoon.
type Thresholds struct {
	High, Low                float64 // mg/dL
	Rise, Fall               float64 // mg/dL/min, both positive
	UrgentLow, UrgentLowSoon float64 // mg/dL; fixed
	OutOfRange, NoReadings   time.Duration
	Snooze                   time.Duration // of high and low
	RiseFall                 bool          // rise and fall alerts are on; all others always are
}

// NightSchedule is the second alert schedule that some people have. It begins
// at From after local midnight of the days in Days and lasts until To on the
// next morning.
type NightSchedule struct {
	From, To  time.Duration
	Days      []time.Weekday
	High, Low float64 // mg/dL; the schedule has no other alerts
	Snooze    time.Duration
}

// Thresholds returns the settings of the person's default schedule.
func (p *Person) Thresholds() Thresholds {
	step := func(i int64, low, step float64, n int) float64 {
		return low + step*float64(int(p.chance(forThresholds, i)*float64(n)))
	}
	return Thresholds{
		High:          step(0, 160, 10, 15), // to 300 of 400
		Low:           step(1, 60, 5, 9),    // to 100
		Rise:          step(2, 2, 1, 2),
		Fall:          step(3, 2, 1, 2),
		UrgentLow:     55,
		UrgentLowSoon: 55,
		OutOfRange:    time.Duration(step(4, 20, 5, 9)) * time.Minute,
		NoReadings:    20 * time.Minute,
		Snooze:        time.Duration(step(5, 15, 15, 4)) * time.Minute,
		RiseFall:      p.chance(forThresholds, 6) < 0.5,
	}
}

// NightSchedule returns the person's night schedule, and false if there is none.
func (p *Person) NightSchedule() (NightSchedule, bool) {
	t := p.Thresholds()
	return NightSchedule{
		From:   21*time.Hour + p.spread(forSchedules, 0, 2*hour).duration().Truncate(30*time.Minute),
		To:     6*time.Hour + p.spread(forSchedules, 1, 2*hour).duration().Truncate(30*time.Minute),
		Days:   pick(p, forSchedules, 2, allDays(), allDays()[1:6]),
		High:   t.High + 50,
		Low:    80,
		Snooze: 15 * time.Minute,
	}, p.chance(forSchedules, 3) < 0.4
}

func allDays() []time.Weekday {
	return []time.Weekday{
		time.Sunday, time.Monday, time.Tuesday, time.Wednesday,
		time.Thursday, time.Friday, time.Saturday,
	}
}

// Active tells whether the schedule applies at t, which must be in the
// person's zone.
func (n NightSchedule) Active(t time.Time) bool {
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	evening := t.Weekday()
	switch {
	case clock < n.To:
		evening = (evening + 6) % 7
	case clock < n.From:
		return false
	}
	return slices.Contains(n.Days, evening)
}

// override is the last time somebody silenced the alerts: some people do so
// every day, from 11 to 13 o'clock.
func (p *Person) override(local time.Time) (end time.Time, on, ok bool) {
	if p.chance(forSchedules, 4) >= 0.25 {
		return end, false, false
	}
	y, m, d := local.Date()
	if local.Hour() < 11 {
		d--
	}
	end = time.Date(y, m, d, 13, 0, 0, 0, local.Location())
	return end, local.Before(end), true
}

// Silenced tells whether the person has silenced the alerts of the default
// schedule at t.
func (p *Person) Silenced(t time.Time) bool {
	end, on, ok := p.override(t.In(p.zone()))
	return ok && on && t.Before(end)
}
