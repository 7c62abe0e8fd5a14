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
	mate := h.mate(reading)
	i, found := h.nearest(reading.Time, share, mate)
	if !found {
		return 0, false, false
	}
	r, again := h.records[i], h.record(reading, time.Time{})
	first = !r.is(paired)
	h.fill(i, again)
	h.records[i].marks |= paired
	if r.is(fromShare) {
		h.records[i].identity = uint64(mate) // Share's have none of their own
	}
	return math.Abs(float64(r.mgdl - again.mgdl)), true, first
}

// mate is what a reading of the API is known by to the record of Share that it was
// paired with: one half is of its id, the other of its time. Ids may change, as with
// another app; who knew it by that alone would take it for another measurement, and
// give it away a second time.
type mate uint64

func (h *history) mate(r dexcom.Reading) mate {
	const half = 1<<32 - 1
	return mate(h.identity(r)&^half | max(1, h.nameHash(r.Time.Truncate(time.Second).String())&half))
}

// is tells whether two are of one reading.
func (m mate) is(other mate) bool { return m>>32 == other>>32 || uint32(m) == uint32(other) } //nolint:gosec // the half of the time

// nearest finds the record that is nearest to a time, of the source that is Share or
// is not, unless it is too far apart to be the same measurement, or is another
// reading's already.
func (h *history) nearest(at time.Time, share bool, reading mate) (place int, found bool) {
	distance := func(i int) time.Duration { return h.records[i].time().Sub(at).Abs() }
	first, _ := h.find(at.Add(-apart).UnixMilli())
	for i := first; i < len(h.records) && !h.records[i].time().After(at.Add(apart)); i++ {
		r := h.records[i]
		free := !r.is(fromShare) || r.identity == 0 || mate(r.identity).is(reading)
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
