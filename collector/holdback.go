package collector

import (
	"cmp"
	"slices"
	"time"
)

// longestHold is how long a reading that may still be smoothed is held back after
// it arrived.
const longestHold = 6 * time.Hour

// holdBack says which readings of a history are not given away yet. Version 2 of
// the API smooths a value once its neighbours are there, so that what was read
// first is not what stays. The live value does not wait; everything that cannot
// be taken back does: the counters, and whatever carries a reading's own time.
type holdBack struct {
	batch    int
	readings []heldReading // in order of time
}

type heldReading struct {
	unixMilli int64
	batch     int // the one it came with
	// overtaken is set when a later batch brought later readings: by then the
	// reading was smoothed, or it never is.
	overtaken bool
}

// add holds a reading of the batch that is being taken.
func (b *holdBack) add(unixMilli int64) {
	i, _ := b.find(unixMilli)
	b.readings = slices.Insert(b.readings, i, heldReading{unixMilli: unixMilli, batch: b.batch})
}

// has tells whether a reading is held.
func (b *holdBack) has(unixMilli int64) bool {
	_, held := b.find(unixMilli)
	return held
}

func (b *holdBack) find(unixMilli int64) (int, bool) {
	return slices.BinarySearchFunc(b.readings, unixMilli, func(r heldReading, at int64) int {
		return cmp.Compare(r.unixMilli, at)
	})
}

// nextBatch ends a batch, given what it added.
func (b *holdBack) nextBatch(added []Reading) {
	var newest int64
	for _, reading := range added {
		newest = max(newest, reading.Time.UnixMilli())
	}
	for i, r := range b.readings {
		if r.batch < b.batch && r.unixMilli < newest {
			b.readings[i].overtaken = true
		}
	}
	b.batch++
}

// release ends the hold of those readings for which may says so.
func (b *holdBack) release(may func(heldReading) bool) {
	b.readings = slices.DeleteFunc(b.readings, may)
	if len(b.readings) == 0 {
		b.readings = nil // a first fetch holds thousands for a moment
	}
}
