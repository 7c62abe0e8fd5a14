package collector

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// history is one person's readings of all sources, in order of time, each once.
// It is not safe for concurrent use: the account that owns it locks.
type history struct {
	keep    time.Duration
	seed    maphash.Seed
	records []packed
	held    holdBack
	changes int     // grows with each change
	rated   []int64 // Unix milliseconds of those that got their rate after they were let go
}

func newHistory(keep time.Duration) *history {
	return &history{keep: keep, seed: maphash.MakeSeed()}
}

// upsert takes a batch and returns what of it was new, which is held back until
// [history.settle] lets it go. A reading is known by its id near its time, else by its time. A
// known one keeps its time and its arrival; while it is held back it takes the
// batch's value, and after that only what it lacks. Of two different ones with an
// equal time the first stays; doubled has the others.
func (h *history) upsert(batch []dexcom.Reading, now time.Time, share bool) (added []Reading, doubled []dexcom.Reading) {
	if len(batch) == 0 {
		h.trim(now)
		return nil, nil
	}
	skew := skewOf(batch, now)
	touched := make(map[int64]bool, len(batch))
	for _, reading := range batch {
		r := h.record(reading, arrival(reading, now, skew))
		if share {
			r.marks |= fromShare
		}
		if known, found := h.known(reading); found && !share {
			r.unixMilli, r.mate = known.unixMilli, known.mate
		}
		i, found := h.find(r.unixMilli)
		switch {
		case !found:
			h.records = slices.Insert(h.records, i, r.packed())
			h.changes++
			h.held.add(r.unixMilli)
			added = append(added, r.reading())
		case !h.at(i).same(r), r.mate.identity == 0 && touched[r.unixMilli] && h.at(i).mgdl != r.mgdl:
			doubled = append(doubled, reading)
		default:
			h.update(i, r)
		}
		touched[r.unixMilli] = true
	}
	h.trim(now)
	h.held.nextBatch(added)
	return added, doubled
}

// known finds the record near a reading's time that has its id. One id at times that are
// far apart is of two measurements: who took them for one would give the value of the one
// the time of the other.
func (h *history) known(reading dexcom.Reading) (known record, found bool) {
	identity := h.identity(reading)
	first, _ := h.find(reading.Time.Add(-apart).UnixMilli())
	end, _ := h.find(reading.Time.Add(apart).UnixMilli() + 1)
	for i := first; i < end; i++ {
		if r := h.at(i); r.mate.identity == identity && !r.is(fromShare) {
			return r, true
		}
	}
	return record{}, false
}

// update takes the same reading as a record, read again. A value that was given away
// never changes; what it lacks is filled in.
func (h *history) update(i int, again record) {
	if r := h.at(i); h.held.has(r.unixMilli) {
		again.arrivedUnix = r.arrivedUnix
		again.marks |= r.marks & paired
		if again.mgdl != r.mgdl {
			h.changes++
		}
		h.records[i] = again.packed()
		return
	}
	h.fill(i, again)
}

// fill gives a record what it lacks from another one of the same reading.
func (h *history) fill(i int, again record) {
	r := h.at(i)
	h.records[i] = r.filled(again).packed()
	if r.rateless() && !again.rateless() && !h.held.has(r.unixMilli) {
		h.rated = append(h.rated, r.unixMilli)
	}
}

// takeRated gives the readings that got their rate after they were let go, since it
// was asked last.
func (h *history) takeRated() []Reading {
	var readings []Reading
	for _, unixMilli := range h.rated {
		if i, found := h.find(unixMilli); found && !h.at(i).rateless() {
			readings = append(readings, h.at(i).reading())
		}
	}
	h.rated = nil
	return readings
}

// same tells whether two records with one time are of one reading. Those of Share are
// known by their time alone: an identity is that of their pair.
func (r record) same(again record) bool {
	return r.mate.identity == again.mate.identity || r.is(fromShare) && again.is(fromShare)
}

// filled is the record with what it lacks from another one of the same reading.
func (r record) filled(again record) record {
	if r.rateless() {
		r.trendRate = again.trendRate
	}
	if r.generation == dexcom.UnknownGeneration {
		r.generation = again.generation
	}
	return r
}

// settle lets go of what need not be held back any more and returns it, oldest
// first. smooths tells whether Dexcom may smooth this person's values at all. What
// lies in the future waits until it is past.
func (h *history) settle(now time.Time, smooths bool) []Reading {
	var settled []Reading
	h.held.release(func(held heldReading) bool {
		i, found := h.find(held.unixMilli)
		if !found {
			return true // trimmed
		}
		r := h.at(i)
		final := !r.is(provisional) || !smooths || held.overtaken || now.Sub(r.arrived()) >= longestHold
		if !final || r.time().After(now.Add(tolerance)) {
			return false
		}
		settled = append(settled, r.reading())
		return true
	})
	return settled
}

// skewOf is how far the device's clock is ahead of ours, as a batch shows it, and
// 0 within the tolerance. Then none of its readings is as young as its time says:
// after a restart hours of them would else look like now.
func skewOf(batch []dexcom.Reading, now time.Time) time.Duration {
	var skew time.Duration
	for _, reading := range batch {
		skew = max(skew, reading.Time.Sub(now))
	}
	if skew <= tolerance {
		return 0
	}
	return skew
}

// arrival is now, or earlier where the device's clock shows that the reading must
// have been measured before.
func arrival(r dexcom.Reading, now time.Time, skew time.Duration) time.Time {
	if measured := r.Time.Add(-skew); skew > 0 && measured.Before(now) {
		return measured
	}
	return now
}

// at gives the record of a place.
func (h *history) at(i int) record { return h.records[i].record() }

// find gives the place of a time, and whether a record is there already.
func (h *history) find(unixMilli int64) (int, bool) {
	return slices.BinarySearchFunc(h.records, unixMilli, func(p packed, at int64) int {
		return cmp.Compare(p.unixMilli(), at)
	})
}

// trim forgets what is older than the history keeps, counted from the newest
// reading where that is older than now: how long ago it was is what people ask when
// data has stopped, and a clock that is ahead for a moment must not cost it all.
func (h *history) trim(now time.Time) {
	if len(h.records) == 0 {
		return
	}
	if newest := h.at(len(h.records) - 1).time(); newest.Before(now) {
		now = newest
	}
	oldest, _ := h.find(now.Add(-h.keep).UnixMilli())
	h.records = slices.Delete(h.records, 0, oldest)
	h.records = fitted(h.records)
}

// released gives the readings after a time that are not held back, oldest first.
func (h *history) released(after time.Time) []Reading {
	var readings []Reading
	first, _ := h.find(after.UnixMilli() + 1)
	for _, p := range h.records[first:] {
		if r := p.record(); !h.held.has(r.unixMilli) {
			readings = append(readings, r.reading())
		}
	}
	return readings
}

// between gives the readings with from <= time < to, oldest first, in a slice of
// the caller's own.
func (h *history) between(from, to time.Time) []Reading {
	first, _ := h.find(from.UnixMilli())
	end, _ := h.find(to.UnixMilli())
	readings := make([]Reading, 0, max(0, end-first))
	for i := first; i < end; i++ {
		readings = append(readings, h.at(i).reading())
	}
	return readings
}

// newest gives the reading that was measured last, of those with a time not after
// limit: the one with the greatest time, unless its device's clock runs ahead.
func (h *history) newest(limit time.Time) (newest Reading, ok bool) {
	end, _ := h.find(limit.UnixMilli() + 1)
	for i := end - 1; i >= 0; i-- {
		r := h.at(i).reading()
		if ok && r.Time.Before(newest.measured()) {
			break // and so are all before it
		}
		if !ok || r.measured().After(newest.measured()) {
			newest, ok = r, true
		}
	}
	return newest, ok
}

// identity hashes what a reading of the API is known by to its neighbours; never 0.
func (h *history) identity(r dexcom.Reading) uint32 {
	return max(1, uint32(h.nameHash(nameOf(r)))) //nolint:gosec // half of it tells neighbours apart
}

// nameOf is what a reading is known by inside its source.
func nameOf(r dexcom.Reading) string { return cmp.Or(r.ID, r.Time.String()) }

// nameHash hashes what a record is known by.
func (h *history) nameHash(name string) uint64 { return maphash.String(h.seed, name) }
