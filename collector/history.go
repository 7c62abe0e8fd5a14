package collector

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Reading is a reading as the history keeps it.
type Reading struct {
	Time time.Time // the device's idea of UTC, to the millisecond
	// Arrived is when this program saw it first, to the second; earlier by as much
	// as its device's clock was seen ahead then.
	Arrived time.Time
	// MgDL is 39 (LOW), 40 to 400 or 401 (HIGH), to a thousandth.
	MgDL  float64
	Trend dexcom.Trend
	// TrendRate is in mg/dL per minute; it means nothing without HasTrendRate.
	TrendRate    float64
	HasTrendRate bool
	Generation   dexcom.Generation
	// UTCOffset is that of the clock the person saw; 0 when the source gave none.
	UTCOffset time.Duration
}

// Age is how old the reading is at least: counted from its own time, or from its
// arrival where the device's clock runs ahead.
func (r Reading) Age(now time.Time) time.Duration { return max(0, now.Sub(r.measured())) }

// measured is the latest moment at which the reading can have been measured.
func (r Reading) measured() time.Time {
	if r.Arrived.Before(r.Time) {
		return r.Arrived
	}
	return r.Time
}

// OutOfRange is -1 for LOW, 1 for HIGH and 0 for a measured value.
func (r Reading) OutOfRange() int { return dexcom.Reading{MgDL: r.MgDL}.OutOfRange() }

// record is a Reading in 32 bytes: a history holds thousands of them for each of
// thousands of people.
type record struct {
	unixMilli     int64
	identity      uint64 // of the record id; 0 where the source has none
	mgdl          float32
	trendRate     float32 // NaN for none
	arrivedUnix   uint32
	trend         dexcom.Trend
	generation    dexcom.Generation
	offsetQuarter int8 // UTC offset in quarters of an hour
	marks         marks
}

// marks are what is noted of a record.
type marks uint8

const (
	provisional marks = 1 << iota // Dexcom may still change the value
	fromShare                     // else from the API
	paired                        // the other source brought it too
)

func (r record) is(mark marks) bool { return r.marks&mark != 0 }

func (r record) time() time.Time { return time.UnixMilli(r.unixMilli).UTC() }

func (r record) arrived() time.Time { return time.Unix(int64(r.arrivedUnix), 0).UTC() }

func (r record) rateless() bool { return math.IsNaN(float64(r.trendRate)) }

func (r record) reading() Reading {
	reading := Reading{
		Time:       r.time(),
		Arrived:    r.arrived(),
		MgDL:       thousandths(r.mgdl),
		Trend:      r.trend,
		Generation: r.generation,
		UTCOffset:  time.Duration(r.offsetQuarter) * 15 * time.Minute,
	}
	if rate := float64(r.trendRate); !math.IsNaN(rate) {
		reading.TrendRate, reading.HasTrendRate = thousandths(r.trendRate), true
	}
	return reading
}

// thousandths undoes what float32 did to a decimal number.
func thousandths(value float32) float64 { return math.Round(float64(value)*1000) / 1000 }

// history is one person's readings of all sources, in order of time, each once.
// It is not safe for concurrent use: the account that owns it locks.
type history struct {
	keep    time.Duration
	seed    maphash.Seed
	records []record
	held    holdBack
	changes int     // grows with each change
	rated   []int64 // Unix milliseconds of those that got their rate after they were let go
}

func newHistory(keep time.Duration) *history {
	return &history{keep: keep, seed: maphash.MakeSeed()}
}

// upsert takes a batch and returns what of it was new, which is held back until
// [history.settle] lets it go. A reading is known by its id, else by its time. A
// known one keeps its time and its arrival; while it is held back it takes the
// batch's value, and after that only what it lacks. Of two different ones with an
// equal time the first stays; doubled has the others.
func (h *history) upsert(batch []dexcom.Reading, now time.Time, share bool) (added []Reading, doubled []dexcom.Reading) {
	if len(batch) == 0 {
		h.trim(now)
		return nil, nil
	}
	h.changes++
	times := h.timesByIdentity()
	skew := skewOf(batch, now)
	touched := make(map[int64]bool, len(batch))
	for _, reading := range batch {
		r := h.record(reading, arrival(reading, now, skew))
		if share {
			r.marks |= fromShare
		}
		if known, found := times[h.identity(reading)]; found && !share {
			r.unixMilli, r.identity = known, h.identity(reading)
		}
		i, found := h.find(r.unixMilli)
		switch {
		case !found:
			h.records = slices.Insert(h.records, i, r)
			h.held.add(r.unixMilli)
			added = append(added, r.reading())
			if r.identity != 0 {
				times[r.identity] = r.unixMilli
			}
		case !h.records[i].same(r), r.identity == 0 && touched[r.unixMilli] && h.records[i].mgdl != r.mgdl:
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

// update takes the same reading as a record, read again. A value that was given away
// never changes; what it lacks is filled in.
func (h *history) update(i int, again record) {
	if r := h.records[i]; h.held.has(r.unixMilli) {
		again.arrivedUnix = r.arrivedUnix
		again.marks |= r.marks & paired
		h.records[i] = again
		return
	}
	h.fill(i, again)
}

// fill gives a record what it lacks from another one of the same reading.
func (h *history) fill(i int, again record) {
	r := h.records[i]
	h.records[i] = r.filled(again)
	if r.rateless() && !again.rateless() && !h.held.has(r.unixMilli) {
		h.rated = append(h.rated, r.unixMilli)
	}
}

// takeRated gives the readings that got their rate after they were let go, since it
// was asked last.
func (h *history) takeRated() []Reading {
	var readings []Reading
	for _, unixMilli := range h.rated {
		if i, found := h.find(unixMilli); found && !h.records[i].rateless() {
			readings = append(readings, h.records[i].reading())
		}
	}
	h.rated = nil
	return readings
}

// same tells whether two records with one time are of one reading. Those of Share are
// known by their time alone: an identity is that of their pair.
func (r record) same(again record) bool {
	return r.identity == again.identity || r.is(fromShare) && again.is(fromShare)
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
		r := h.records[i]
		final := !r.is(provisional) || !smooths || held.overtaken || now.Sub(r.arrived()) >= longestHold
		if !final || r.time().After(now.Add(tolerance)) {
			return false
		}
		settled = append(settled, r.reading())
		return true
	})
	return settled
}

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

func (h *history) timesByIdentity() map[uint64]int64 {
	times := make(map[uint64]int64, len(h.records))
	for _, r := range h.records {
		if r.identity != 0 {
			times[r.identity] = r.unixMilli
		}
	}
	return times
}

// find gives the place of a time, and whether a record is there already.
func (h *history) find(unixMilli int64) (int, bool) {
	return slices.BinarySearchFunc(h.records, unixMilli, func(r record, at int64) int {
		return cmp.Compare(r.unixMilli, at)
	})
}

// trim forgets what is older than the history keeps, counted from the newest
// reading where that is older than now: how long ago it was is what people ask when
// data has stopped, and a clock that is ahead for a moment must not cost it all.
func (h *history) trim(now time.Time) {
	if len(h.records) == 0 {
		return
	}
	if newest := h.records[len(h.records)-1].time(); newest.Before(now) {
		now = newest
	}
	oldest, _ := h.find(now.Add(-h.keep).UnixMilli())
	h.records = slices.Delete(h.records, 0, oldest)
}

// released gives the readings after a time that are not held back, oldest first.
func (h *history) released(after time.Time) []Reading {
	var readings []Reading
	first, _ := h.find(after.UnixMilli() + 1)
	for _, r := range h.records[first:] {
		if !h.held.has(r.unixMilli) {
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
		readings = append(readings, h.records[i].reading())
	}
	return readings
}

// newest gives the reading that was measured last, of those with a time not after
// limit: the one with the greatest time, unless its device's clock runs ahead.
func (h *history) newest(limit time.Time) (newest Reading, ok bool) {
	end, _ := h.find(limit.UnixMilli() + 1)
	for i := end - 1; i >= 0; i-- {
		r := h.records[i].reading()
		if ok && r.Time.Before(newest.measured()) {
			break // and so are all before it
		}
		if !ok || r.measured().After(newest.measured()) {
			newest, ok = r, true
		}
	}
	return newest, ok
}

// identity hashes what the reading is known by; never 0.
func (h *history) identity(r dexcom.Reading) uint64 { return h.nameHash(nameOf(r)) }

// nameOf is what a reading is known by inside its source.
func nameOf(r dexcom.Reading) string { return cmp.Or(r.ID, r.Time.String()) }

// nameHash hashes what a record is known by; never 0.
func (h *history) nameHash(name string) uint64 { return max(1, maphash.String(h.seed, name)) }

func (h *history) record(r dexcom.Reading, arrived time.Time) record {
	kept := record{
		unixMilli:   r.Time.UnixMilli(),
		mgdl:        float32(r.MgDL),
		trendRate:   float32(math.NaN()),
		arrivedUnix: uint32(arrived.Unix()), //nolint:gosec // fits until 2106
		trend:       r.Trend,
		generation:  r.Generation,
	}
	if r.Provisional {
		kept.marks |= provisional
	}
	if r.HasTrendRate {
		kept.trendRate = float32(r.TrendRate)
	}
	if r.ID != "" {
		kept.identity = h.identity(r)
	}
	if _, offset := r.DisplayTime.Zone(); !r.DisplayTime.IsZero() {
		kept.offsetQuarter = int8(offset / (15 * 60)) //nolint:gosec // -48 to 56: dexcom.Reading
	}
	return kept
}
