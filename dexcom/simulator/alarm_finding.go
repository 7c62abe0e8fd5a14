package simulator

import (
	"math"
	"slices"
	"time"
)

// How far a reading must be back before the same alert can go off anew.
const (
	bandMgDL = 10
	bandRate = 1 // mg/dL/min
)

// The levels without which rise and fall do not go off, in mg/dL, and how long
// high waits (all in v3Alerts too).
const (
	riseAbove = 180
	fallBelow = 100
	highDelay = time.Hour
)

// urgentLowSoon looks so far ahead.
const soon = 20 * minute

// valueAlerts are the person's alerts that go by the value of readings.
func (p *Person) valueAlerts() []string {
	alerts := []string{"high", "low"}
	if p.Sensor == OnePlus { // which has none of the others
		return alerts
	}
	alerts = append(alerts, "urgentLow")
	if p.Sensor != G5 {
		alerts = append(alerts, "urgentLowSoon")
	}
	if p.Thresholds().RiseFall {
		alerts = append(alerts, "rise", "fall")
	}
	return alerts
}

// measurement is a reading as the display has it.
type measurement struct {
	mgdl  float64
	rate  float64 // mg/dL/min; NaN if there is none yet
	night bool
	quiet bool
}

func (w *watch) measure(x sample) measurement {
	local := x.system.time().In(w.person.zone())
	m := measurement{
		mgdl:  float64(estimate(w.curve.at(x.taken))),
		rate:  math.NaN(),
		night: w.nights && w.night.Active(local),
		quiet: w.person.Silenced(local),
	}
	if x.taken >= x.session.warm+trendSpan {
		m.rate = w.curve.trendRate(x.taken)
	}
	return m
}

// find tells what a measurement means for an alert. Without a rate it means
// nothing for those that need one.
func (w *watch) find(alert string, m measurement) finding {
	t := w.thresholds
	high, low, snooze, delay := t.High, t.Low, t.Snooze, highDelay
	if m.night {
		high, low, snooze, delay = w.night.High, w.night.Low, w.night.Snooze, 0
	}
	f := finding{quiet: m.quiet}
	switch alert {
	case "high":
		f.beyond, f.back = m.mgdl >= high, m.mgdl < high-bandMgDL
		f.snooze, f.delay = span(snooze), span(delay)
	case "low":
		f.beyond, f.back = m.mgdl <= low, m.mgdl > low+bandMgDL
		f.snooze = span(snooze)
	case "urgentLow":
		f.beyond, f.back = m.mgdl <= t.UrgentLow, m.mgdl > t.UrgentLow+bandMgDL
		f.snooze = 30 * minute
	case "urgentLowSoon":
		ahead := m.mgdl + m.rate*float64(soon/minute)
		f.beyond = ahead <= t.UrgentLowSoon && m.mgdl > t.UrgentLow
		f.back = ahead > t.UrgentLowSoon+bandMgDL || m.mgdl <= t.UrgentLow
		f.snooze = 30 * minute
	case "rise":
		f.beyond, f.back = m.rate >= t.Rise && m.mgdl >= riseAbove, m.rate < t.Rise-bandRate
	case "fall":
		f.beyond, f.back = m.rate <= -t.Fall && m.mgdl <= fallBelow, m.rate > -t.Fall+bandRate
	}
	return f
}

// ringKey numbers a change of state.
func ringKey(at millis, alert, state string) int64 {
	alerts := []string{"high", "low", "urgentLow", "urgentLowSoon", "rise", "fall", "noReadings", "outOfRange"}
	states := []string{alarming, snoozed, inactive}
	return int64(at)*32 + int64(slices.Index(alerts, alert)*4+slices.Index(states, state))
}
