package simulator

import (
	"iter"
	"math"
	"time"
)

// The values that stand for a glucose outside the measuring range of 40 to 400 mg/dL
// (developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3).
const (
	Low  = 39
	High = 401
)

// Reading is the truth about one estimated glucose value (EGV): what a careful
// client should understand from the record that Dexcom sends.
type Reading struct {
	RecordID   string    // a UUID, unique per person and reading
	SystemTime time.Time // UTC by the device's clock
	Value      int       // mg/dL; Low, 40..400, or High
	TrendRate  float64   // mg/dL/min; 0 without HasRate
	HasRate    bool      // the record has a trend rate
	Trend      string    // Dexcom's word for the arrow; never empty
	Ticks      int64     // seconds since the transmitter's start
	Uploaded   time.Time // when the display gave it to Dexcom
	Available  time.Time // the first instant at which the API returns it
}

// Readings returns the readings with from <= SystemTime < to in ascending
// order: all that the display ever gets, available yet or not.
func (p *Person) Readings(from, to time.Time) []Reading {
	return p.readings(p.samples(ceil(from), ceil(to)))
}

// AvailableReadings returns those Readings that the API returns at the instant now.
func (p *Person) AvailableReadings(from, to, now time.Time) []Reading {
	return p.readings(p.available(ceil(from), ceil(to), floor(now)))
}

func (p *Person) readings(samples iter.Seq[sample]) []Reading {
	c := p.curve()
	var readings []Reading
	for x := range samples {
		if !x.void {
			readings = append(readings, p.reading(x, c))
		}
	}
	return readings
}

// available yields the samples that the API returns at the instant now.
func (p *Person) available(from, to, now millis) iter.Seq[sample] {
	lag := p.lag()
	return func(yield func(sample) bool) {
		for x := range p.samples(from, to) {
			if x.sent+lag <= now && !yield(x) {
				return
			}
		}
	}
}

func (p *Person) reading(x sample, c *curve) Reading {
	r := Reading{
		RecordID:   uuid(p.Seed, forRecord, x.key),
		SystemTime: x.system.time(),
		Value:      estimate(c.at(x.taken)),
		Ticks:      int64((x.taken - x.session.transmitterStart) / second),
		Uploaded:   x.sent.time(),
		Available:  (x.sent + p.lag()).time(),
	}
	r.Trend, r.TrendRate, r.HasRate = p.trend(x, c)
	return r
}

// estimate is what a sensor makes of a glucose.
func estimate(mgdl float64) int {
	return min(max(int(math.Round(mgdl)), Low), High)
}

// trend is the arrow and the rate of a sample, if it has one. The first
// readings of a sensor have no past to take a slope from.
func (p *Person) trend(x sample, c *curve) (word string, rate float64, ok bool) {
	if x.taken < x.session.warm+trendSpan {
		return pick(p, forWord, x.key, "notComputable", "none"), 0, false
	}
	rate = c.trendRate(x.taken)
	if !p.odd(forTrend, x.key, 0.06) {
		return trend(rate), rate, true
	}
	switch word = pick(p, forWord, x.key, "unknown", "none", "rateOutOfRange"); word {
	case "rateOutOfRange":
		return word, math.Copysign(9.5, rate), true
	default:
		return word, 0, false
	}
}
