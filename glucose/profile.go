package glucose

import (
	"fmt"
	"slices"
	"time"
)

// Profile shows how glucose goes through the day: an entry for each half hour,
// from midnight on. It is in the style of the ambulatory glucose profile
// (Johnson 2019, doi 10.1089/dia.2019.0034), whose name AGP is a trademark.
type Profile [48]HalfHour

// HalfHour has the readings that fell into a half hour of the day, of all days.
type HalfHour struct {
	Readings int
	// Percentiles mean nothing unless there are enough readings: see Sufficient.
	Percentiles Percentiles
}

// Sufficient says whether there are enough readings for percentiles.
func (h HalfHour) Sufficient() bool { return h.Readings >= FewestOfHalfHour }

// TimeOfDay is when an entry of a [Profile] begins, on the clock: 00:00, 00:30 and
// so on to 23:30.
func TimeOfDay(entry int) string { return fmt.Sprintf("%02d:%02d", entry/2, entry%2*30) }

// ProfileOf computes the profile of samples in any order, by the clock of their
// own locations: when that is put back, a half hour gets the readings of both
// times it happens. Scratch is as for [Summarize].
func ProfileOf(samples []Sample, scratch []float64) Profile {
	var profile Profile
	var next [len(profile) + 1]int // where the next value of a half hour goes
	for _, s := range samples {
		if s.isReading() {
			next[halfHour(s.Time)+1]++
		}
	}
	for i := 1; i < len(next); i++ {
		next[i] += next[i-1]
	}
	n := next[len(profile)]
	values := slices.Grow(scratch[:0], n)[:n]
	for _, s := range samples {
		if s.isReading() {
			entry := halfHour(s.Time)
			values[next[entry]] = s.MgDL
			next[entry]++
		}
	}
	begin := 0
	for i := range profile {
		profile[i] = halfHourOf(values[begin:next[i]])
		begin = next[i]
	}
	return profile
}

func halfHour(t time.Time) int {
	_, timeOfDay := localClock(t)
	return int(timeOfDay / (30 * time.Minute))
}

// halfHourOf puts the values of a half hour in order.
func halfHourOf(values []float64) HalfHour {
	h := HalfHour{Readings: len(values)}
	if h.Sufficient() {
		slices.Sort(values)
		h.Percentiles = percentilesOf(values)
	}
	return h
}
