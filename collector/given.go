package collector

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// given are the times under which readings of the last day may have left the program
// before it started, in Unix milliseconds, ascending. Two sources name one
// measurement by times that are seconds apart, and after a start the other one may
// bring it first: it has to keep its time all the same, else it is stored twice.
type given []int64

// place gives each reading of a batch that is one of these its time. A reading at
// such a time stays there, and no two of the batch take the same. One of the API that
// has no id is named by the time that it had.
func (g given) place(batch []dexcom.Reading, named bool) {
	taken := make(map[int64]bool, len(batch))
	for _, reading := range batch {
		taken[reading.Time.UnixMilli()] = true
	}
	for i, reading := range batch {
		nearest, found := g.nearest(reading.Time)
		if found && !taken[nearest] {
			taken[nearest] = true
			if named {
				batch[i].ID = nameOf(reading)
			}
			batch[i].Time = time.UnixMilli(nearest).UTC()
		}
	}
}

// without leaves out of readings those that had left the program before: they arrive
// a second time.
func (g given) without(readings []Reading) []Reading {
	return slices.DeleteFunc(slices.Clone(readings), func(r Reading) bool {
		_, known := slices.BinarySearch(g, r.Time.UnixMilli())
		return known
	})
}

// nearest finds the time that is nearest to another one, unless it is too far apart
// to be that of the same measurement.
func (g given) nearest(at time.Time) (unixMilli int64, found bool) {
	distance := func(i int) time.Duration { return time.UnixMilli(g[i]).Sub(at).Abs() }
	place, _ := slices.BinarySearch(g, at.UnixMilli())
	if place == len(g) || place > 0 && distance(place-1) < distance(place) {
		place--
	}
	if place < 0 || distance(place) > apart {
		return 0, false
	}
	return g[place], true
}

// given are the times that a next start has to know: those of the history, and of
// before the last start what has not come again yet. The caller holds mu.
func (a *account) given(now time.Time) given {
	if newest := a.newestKnown(now); newest.Before(now) { // a clock that is ahead for a moment must not cost it all
		now = newest
	}
	const margin = 10 * time.Minute // the two times of one measurement, and a poll
	oldest := now.Add(-max(shareReach, a.outbox.reach) - margin).UnixMilli()
	first, _ := slices.BinarySearch(a.both.given, oldest)
	a.both.given = a.both.given[first:]
	times := slices.Clone(a.both.given)
	for i := len(a.history.records) - 1; i >= 0 && a.history.records[i].unixMilli >= oldest; i-- {
		times = append(times, a.history.records[i].unixMilli)
	}
	slices.Sort(times)
	return slices.Compact(times)
}
