package collector

import (
	"math"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// pair finds the record of the other source that is the same measurement as a
// reading, and fills in what it lacks. difference is that of the values in mg/dL;
// first tells whether the two had not met before.
func (h *history) pair(reading dexcom.Reading, share bool) (difference float64, found, first bool) {
	identity := h.identity(reading)
	i, found := h.nearest(reading.Time, share, identity)
	if !found {
		return 0, false, false
	}
	r, again := h.records[i], h.record(reading, time.Time{})
	first = !r.is(paired)
	h.fill(i, again)
	h.records[i].marks |= paired
	if r.is(fromShare) {
		h.records[i].identity = identity // Share's have none of their own
	}
	return math.Abs(float64(r.mgdl - again.mgdl)), true, first
}

// nearest finds the record that is nearest to a time, of the source that is Share or
// is not, unless it is too far apart to be the same measurement, or is another
// reading's already.
func (h *history) nearest(at time.Time, share bool, identity uint64) (place int, found bool) {
	distance := func(i int) time.Duration { return h.records[i].time().Sub(at).Abs() }
	first, _ := h.find(at.Add(-apart).UnixMilli())
	for i := first; i < len(h.records) && !h.records[i].time().After(at.Add(apart)); i++ {
		r := h.records[i]
		free := !r.is(fromShare) || r.identity == 0 || r.identity == identity
		if r.is(fromShare) != share && free && (!found || distance(i) < distance(place)) {
			place, found = i, true
		}
	}
	return place, found
}

// dropAPI forgets what the API brought.
func (h *history) dropAPI() {
	h.changes++
	h.records = slices.DeleteFunc(h.records, func(r record) bool { return !r.is(fromShare) })
}
