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
	again := h.record(reading, time.Time{})
	h.fill(i, again)
	r := h.at(i)
	first = !r.is(paired)
	r.marks |= paired
	if r.is(fromShare) {
		r.mate = mate // Share's have none of their own
	}
	h.records[i] = r.packed()
	return math.Abs(r.mgdl - again.mgdl), true, first
}

// mate is what a reading of the API is known by: its id, and to the record of Share that
// it was paired with its time as well. Ids may change, as with another app; who knew it by
// that alone would take it for another measurement, and give it away a second time.
type mate struct {
	identity uint32 // hash of the id
	unix     int64  // of the record of Share only; 0 for none
}

func (h *history) mate(r dexcom.Reading) mate { return mate{h.identity(r), r.Time.Unix()} }

// is tells whether two are of one reading.
func (m mate) is(other mate) bool { return m.identity == other.identity || m.unix == other.unix }

// nearest finds the record that is nearest to a time, of the source that is Share or
// is not, unless it is too far apart to be the same measurement, or is another
// reading's already.
func (h *history) nearest(at time.Time, share bool, reading mate) (place int, found bool) {
	distance := func(i int) time.Duration { return h.at(i).time().Sub(at).Abs() }
	first, _ := h.find(at.Add(-apart).UnixMilli())
	for i := first; i < len(h.records) && !h.at(i).time().After(at.Add(apart)); i++ {
		r := h.at(i)
		free := !r.is(fromShare) || r.mate.identity == 0 || r.mate.is(reading)
		if r.is(fromShare) != share && free && (!found || distance(i) < distance(place)) {
			place, found = i, true
		}
	}
	return place, found
}

// dropAPI forgets what the API brought.
func (h *history) dropAPI() {
	h.changes++
	h.records = slices.DeleteFunc(h.records, func(p packed) bool { return !p.record().is(fromShare) })
}
