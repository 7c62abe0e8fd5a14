package collector

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// given are the times under which readings of the last day may have left the program
// before it started, in Unix milliseconds, ascending. Two sources name one
// measurement by times that are seconds apart, and after a start the other one may
// bring it first: it has to keep its time all the same, else it is stored twice. And
// its value: so it waits for a while for the source whose value it was.
type given struct {
	times []int64
	byAPI []int64 // those of them that had the API's value
}

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
		_, known := slices.BinarySearch(g.times, r.Time.UnixMilli())
		return known
	})
}

// nearest finds the time that is nearest to another one, unless it is too far apart
// to be that of the same measurement.
func (g given) nearest(at time.Time) (unixMilli int64, found bool) {
	distance := func(i int) time.Duration { return time.UnixMilli(g.times[i]).Sub(at).Abs() }
	place, _ := slices.BinarySearch(g.times, at.UnixMilli())
	if place == len(g.times) || place > 0 && distance(place-1) < distance(place) {
		place--
	}
	if place < 0 || distance(place) > apart {
		return 0, false
	}
	return g.times[place], true
}

// given are the times that a next start has to know: those of the history, and of
// before the last start what has not come again yet. The caller holds mu.
func (a *account) given(now time.Time) given {
	if newest := a.newestKnown(now); newest.Before(now) { // a clock that is ahead for a moment must not cost it all
		now = newest
	}
	const margin = 10 * time.Minute // the two times of one measurement, and a poll
	oldest := now.Add(-max(shareReach, a.outbox.reach) - margin).UnixMilli()
	known := a.both.given.since(oldest)
	a.both.given = known
	next := given{slices.Clone(known.times), slices.Clone(known.byAPI)}
	first, _ := a.history.find(oldest)
	for _, p := range a.history.records[first:] {
		r := p.record()
		next.times = append(next.times, r.unixMilli)
		if !r.is(fromShare) {
			next.byAPI = append(next.byAPI, r.unixMilli)
		}
	}
	slices.Sort(next.times)
	slices.Sort(next.byAPI)
	return given{slices.Compact(next.times), slices.Compact(next.byAPI)}
}

// since is what is not older than a time in Unix milliseconds.
func (g given) since(oldest int64) given {
	first, _ := slices.BinarySearch(g.times, oldest)
	firstByAPI, _ := slices.BinarySearch(g.byAPI, oldest)
	return given{g.times[first:], g.byAPI[firstByAPI:]}
}

// leaveToAPI leaves out of Share's readings those that had the API's value before a
// restart, as long as the API may still bring them. The caller holds mu.
func (a *account) leaveToAPI(batch []dexcom.Reading, now time.Time) []dexcom.Reading {
	if now.Sub(a.both.began) >= longestWait {
		return batch
	}
	return slices.DeleteFunc(batch, func(r dexcom.Reading) bool {
		_, apis := slices.BinarySearch(a.both.given.byAPI, r.Time.UnixMilli())
		_, here := a.history.find(r.Time.UnixMilli())
		return apis && !here
	})
}
