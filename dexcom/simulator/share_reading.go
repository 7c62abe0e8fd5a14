package simulator

import (
	"iter"
	"time"
)

// ShareReading is the truth about one reading of Dexcom Share: what a careful
// client should understand from it. Its record has neither rate nor id.
type ShareReading struct {
	// Time is UTC in milliseconds: the first of WT, DT and ST that can be
	// read. It is ahead of the API's SystemTime by the person's ShareSkew and
	// less than a second, with Quirks up to a minute more.
	Time time.Time

	// Value is what the phone showed in mg/dL: Low, 40..400, or High. It is
	// the API's Value, but for a G6, where it is V2Reading's Realtime.
	Value int

	// Trend is the word that Share has for the arrow today, such as "Flat".
	Trend string

	// Published is the first instant at which Share returns it, for 24 hours
	// from Time on.
	Published time.Time

	// RecordID is that of the same measurement in version 3 of the API.
	RecordID string
}

// ShareReadings returns the readings with from <= Time < to that were published
// at the instant now, in ascending order of Time. A receiver publishes none.
func (p *Person) ShareReadings(from, to, now time.Time) []ShareReading {
	c := p.curve()
	var readings []ShareReading
	for x := range p.published(ceil(from), ceil(to), floor(now)) {
		if x.void {
			continue
		}
		value, trend := p.shareGlucose(x.sample, c)
		readings = append(readings, ShareReading{
			Time:      x.at.time(),
			Value:     value,
			Trend:     trend,
			Published: x.out.time(),
			RecordID:  uuid(p.Seed, forRecord, x.key),
		})
	}
	return readings
}

// shareGlucose is what the phone showed of a sample that is not void.
func (p *Person) shareGlucose(x sample, c *curve) (value int, trend string) {
	value = estimate(c.at(x.taken))
	if p.v2Covers() {
		value = p.realtime(value, x.key)
	}
	word, _, _ := p.trend(x, c)
	return value, shareWord(word)
}

// published is a sample as Share has it.
type published struct {
	sample

	at  millis // its time, as Share tells it
	out millis // when it was published
}

// published yields the samples with from <= at < to that were published at the
// instant now, ascending.
func (p *Person) published(from, to, now millis) iter.Seq[published] {
	return func(yield func(published) bool) {
		if p.display() == Receiver {
			return
		}
		skew := p.shareSkew()
		to = min(to, now+skew+second) // nothing is published before it is measured
		for x := range p.samples(from-skew-slack, to-skew) {
			s := published{x, p.shareClock(x) + skew, p.publish(x.taken)}
			if from <= s.at && s.at < to && s.out <= now && !yield(s) {
				return
			}
		}
	}
}

// shareClock is what the device believes the time of a sample to be, to the
// millisecond. The API cuts it to whole seconds, or minutes.
func (p *Person) shareClock(x sample) millis {
	x.spelling = spelling{millis: true}
	return p.clock(x) + millis(p.chance(forShareMillis, x.key)*float64(second))
}

func (p *Person) shareSkew() millis {
	if p.ShareSkew != 0 {
		return span(p.ShareSkew)
	}
	return millis(p.between(forShareSkew, 0, float64(-2*second), float64(2*second)))
}

// publish is when the phone publishes what the sensor measured at m. It does
// when it next asks the sensor; without network, when that is back.
func (p *Person) publish(m millis) millis {
	got, _ := p.received(m)
	u := got + p.shareDelay() + millis(p.chance(forShareJitter, int64(got))*float64(p.shareJitter()))
	if outage, ok := p.offline().at(u); ok {
		return outage.to
	}
	return u
}

func (p *Person) shareDelay() millis {
	switch {
	case p.ShareDelay != 0:
		return max(span(p.ShareDelay), 0)
	case p.product().variant == G6:
		return 5*second + p.spread(forShareDelay, 0, 40*second)
	default:
		return 10*second + p.spread(forShareDelay, 0, 10*second)
	}
}

func (p *Person) shareJitter() millis {
	switch {
	case p.ShareJitter != 0:
		return max(span(p.ShareJitter), 0)
	case p.product().variant == G6:
		return 20 * second
	default:
		return 10 * second
	}
}
