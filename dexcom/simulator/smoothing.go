package simulator

import (
	"iter"
	"math"
	"time"
)

// V2Reading is the truth about one EGV of version 2
// (developer.dexcom.com/docs/dexcomv2/operation/getEstimatedGlucoseValuesV2).
// Its record has no RecordID and no Ticks.
//
// A G5 does not smooth: Realtime is the Value of version 3. A G6 does: a reading gets a second value from its two neighbours of five
// minutes before and after, if none of the three is lost, LOW or HIGH. What
// the display showed at the time has noise of up to 5 mg/dL. The Value of
// version 3 is the one without noise: near to both, and the same LOW or HIGH.
type V2Reading struct {
	Reading                // its Value is Smoothed with HasSmoothed, Realtime without
	Realtime     int       // mg/dL; what the display showed: Low, 40..400, or High
	Smoothed     int       // mg/dL; 0 for a reading that is never smoothed
	SmoothedFrom time.Time // when the API tells Smoothed; zero if it never does
	HasSmoothed  bool      // the API tells Smoothed now
}

// V2Readings returns the readings with from <= SystemTime < to that version 2
// returns at the instant now, in ascending order. Only people with a G5 or
// G6 have any.
//
// Smoothed appears together with the next reading, hence one upload late for the
// last reading of an upload. For people with quirks 3 % take 30 minutes to 5 hours
// longer. That is an assumption meant to be worse than reality: all that Dexcom
// says is that the value may be filled in later.
func (p *Person) V2Readings(from, to, now time.Time) []V2Reading {
	var readings []V2Reading
	for _, r := range p.v2Readings(ceil(from), ceil(to), floor(now)) {
		readings = append(readings, r)
	}
	return readings
}

// v2Readings yields the V2Readings and the samples that they come from.
func (p *Person) v2Readings(from, to, now millis) iter.Seq2[sample, V2Reading] {
	return func(yield func(sample, V2Reading) bool) {
		if !p.v2Covers() {
			return
		}
		// Two steps more on both sides hold the neighbours however a clock lags.
		for x := range triples(p.shown(from-2*cadence, to+2*cadence)) {
			at := x[1]
			told := from <= at.system && at.system < to && at.sent+p.lag() <= now
			if told && !yield(at.sample, p.smooth(x, now)) {
				return
			}
		}
	}
}

// shown is a sample with what the display showed of it.
type shown struct {
	sample

	reading  Reading
	realtime int // mg/dL; 0 where there is no sample
}

// shown yields the samples with from <= system < to that have a value, ascending.
func (p *Person) shown(from, to millis) iter.Seq[shown] {
	return func(yield func(shown) bool) {
		c := p.curve()
		for x := range p.samples(from, to) {
			if x.void {
				continue
			}
			r := p.reading(x, c)
			if !yield(shown{x, r, p.realtime(r.Value, x.key)}) {
				return
			}
		}
	}
}

func (p *Person) smooths() bool { return p.Sensor == G6 }

// realtime adds to a value the noise that is smoothed later. It neither makes nor
// hides a LOW or HIGH.
func (p *Person) realtime(value int, key int64) int {
	if !measurable(value) || !p.smooths() {
		return value
	}
	noise := int(math.Round(p.between(forNoise, key, -5, 5)))
	return min(max(value+noise, Low+1), High-1)
}

func measurable(mgdl int) bool { return Low < mgdl && mgdl < High }

// smooth is what version 2 tells at the instant now of the middle one of three.
func (p *Person) smooth(x [3]shown, now millis) V2Reading {
	before, at, after := x[0], x[1], x[2]
	r := V2Reading{Reading: at.reading, Realtime: at.realtime}
	if p.smooths() && before.precedes(at) && at.precedes(after) {
		weighted := before.realtime + 2*at.realtime + after.realtime
		from := after.sent + p.lag() + p.smoothingDelay(at.key)
		r.Smoothed = int(math.Round(float64(weighted) / 4))
		r.SmoothedFrom, r.HasSmoothed = from.time(), from <= now
	}
	r.Value = r.Realtime
	if r.HasSmoothed {
		r.Value = r.Smoothed
	}
	return r
}

// precedes tells whether the two are five minutes apart and both measured.
func (s shown) precedes(next shown) bool {
	return s.key+1 == next.key && measurable(s.realtime) && measurable(next.realtime)
}

// smoothingDelay is how much later than usual a reading is smoothed. Nobody has
// reported that it happens.
func (p *Person) smoothingDelay(key int64) millis {
	const shortest, longest = 30 * minute, 5 * hour
	if !p.odd(forSmoothing, key, 0.03) {
		return 0
	}
	return shortest + p.spread(forSmoothingDelay, key, longest-shortest)
}

// triples yields each item between its neighbours, which are zero at the ends.
func triples[T any](items iter.Seq[T]) iter.Seq[[3]T] {
	return func(yield func([3]T) bool) {
		var x [3]T
		n := 0
		for item := range items {
			x = [3]T{x[1], x[2], item}
			n++
			if n > 1 && !yield(x) {
				return
			}
		}
		if n > 0 {
			yield([3]T{x[1], x[2]})
		}
	}
}
