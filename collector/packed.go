package collector

import (
	"math"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// packed is a [record] in 20 bytes: a history holds thousands of them for each of
// thousands of people. It loses nothing, except that an arrival which is over a month from
// the reading's own time is known to a quarter of an hour only.
type packed struct {
	unix      uint32 // until 2106
	identity  uint32
	low, high uint32 // of 64 bits that lie across
	rest      uint32
}

// How many bits a number takes, in the order in which they are put: first those of low
// and high, then those of rest.
const (
	lagBits   = 24
	trendBits = 4
	zoneBits  = 7  // quarters of an hour from westmost
	mgdlBits  = 19 // thousandths of mg/dL
	milliBits = 10 // of the reading's time, beside its seconds; last, to be taken first

	rateBits       = 16 // thousandths of mg/dL per minute, from the least that fits
	mateBits       = 9  // seconds from the reading's time to its mate's, from the least
	generationBits = 4
	marksBits      = 3
)

const (
	westmost = -12 * 4 // UTC offset in quarters of an hour
	none     = -1      // all bits, whatever it is that there is not
)

// packed gives the record in few bytes.
func (r record) packed() packed {
	unix, milli := r.unixMilli/1000, r.unixMilli%1000
	zone, rate, mate := int64(none), int64(none), int64(none)
	if r.is(zoned) {
		zone = int64(r.offsetQuarter) - westmost
	}
	if !r.rateless() {
		rate = int64(math.Round(r.trendRate*1000)) + zero(rateBits)
	}
	if r.mate.unix != 0 {
		mate = r.mate.unix - unix + zero(mateBits)
	}
	var across, rest bits
	across.put(lag(r.arrivedUnix-unix), lagBits)
	across.put(int64(r.trend), trendBits)
	across.put(zone, zoneBits)
	across.put(int64(math.Round(r.mgdl*1000)), mgdlBits)
	across.put(milli, milliBits)
	rest.put(rate, rateBits)
	rest.put(mate, mateBits)
	rest.put(int64(r.generation), generationBits)
	rest.put(int64(r.marks), marksBits) // but zoned, which zone tells

	return packed{uint32(unix), r.mate.identity, uint32(across), uint32(across >> 32), uint32(rest)} //nolint:gosec // cut on purpose
}

// record gives the record as it was.
func (p packed) record() record {
	across, rest := bits(p.high)<<32|bits(p.low), bits(p.rest)
	unix := int64(p.unix)
	r := record{unixMilli: unix*1000 + across.take(milliBits), trendRate: math.NaN()}
	r.mgdl = float64(across.take(mgdlBits)) / 1000
	if zone := across.take(zoneBits); zone != ones(zoneBits) {
		r.offsetQuarter = int8(zone + westmost) //nolint:gosec // 7 bits
		r.marks = zoned
	}
	r.trend = dexcom.Trend(across.take(trendBits)) //nolint:gosec // 4 bits
	r.arrivedUnix = unix + unlag(across.take(lagBits))
	r.marks |= marks(rest.take(marksBits))                      //nolint:gosec // 3 bits
	r.generation = dexcom.Generation(rest.take(generationBits)) //nolint:gosec // 4 bits
	r.mate.identity = p.identity
	if mate := rest.take(mateBits); mate != ones(mateBits) {
		r.mate.unix = unix + mate - zero(mateBits)
	}
	if rate := rest.take(rateBits); rate != ones(rateBits) {
		r.trendRate = float64(rate-zero(rateBits)) / 1000
	}
	return r
}

// unixMilli is the time of the record. Who looks for one asks for many.
func (p packed) unixMilli() int64 { return int64(p.unix)*1000 + int64(p.low&(1<<milliBits-1)) }

// bits are numbers side by side.
type bits uint64

// put adds a number. Of a negative one all bits above its width are lost.
func (b *bits) put(number int64, width int) {
	*b = *b<<width | bits(number)&(1<<width-1) //nolint:gosec // cut on purpose
}

// take removes the number that was put last.
func (b *bits) take(width int) int64 {
	number := *b & (1<<width - 1)
	*b >>= width
	return int64(number) //nolint:gosec // less than 63 bits
}

// ones is [none] when it is taken again.
func ones(width int) int64 { return 1<<width - 1 }

// zero is what 0 is put as where numbers may be negative.
func zero(width int) int64 { return 1 << (width - 1) }

const (
	longestLag = 1 << (lagBits - 2) // in seconds, that is told to the second
	lagStep    = 15 * 60            // in seconds, beyond
)

// lag is how long after its own time a reading arrived, in seconds, or in steps of a
// quarter of an hour where it is months: then the arrival is earlier, and the reading
// older, than it was, never younger.
func lag(seconds int64) int64 {
	if -longestLag < seconds && seconds < longestLag {
		return seconds<<1 + zero(lagBits)
	}
	steps := (seconds - (lagStep - 1)) / lagStep
	if seconds > 0 {
		steps = seconds / lagStep
	}
	return steps<<1 + 1 + zero(lagBits)
}

// unlag undoes it.
func unlag(lag int64) (seconds int64) {
	lag -= zero(lagBits)
	if lag&1 == 0 {
		return lag >> 1
	}
	return lag >> 1 * lagStep
}
