package simulator

import "iter"

const (
	cadence  = 5 * minute
	slack    = 90 * second // how far a device's clock and spelling lag at most
	maxDrift = 30 * second
)

// sample is one measurement of a sensor before anybody asks for its value.
type sample struct {
	key      int64 // unique for the person
	session  session
	taken    millis // true time
	system   millis // by the device's clock, as sent
	sent     millis // uploaded
	spelling spelling
	void     bool // lost, yet sent with a null value
}

// samples yields what exists with from <= system < to, ascending.
func (p *Person) samples(from, to millis) iter.Seq[sample] {
	from = max(from, p.since())
	return func(yield func(sample) bool) {
		for n := p.sessionSlot(from); ; n++ {
			s := p.session(n)
			if s.start >= to+slack {
				return
			}
			if !p.sessionSamples(s, from, to, yield) {
				return
			}
		}
	}
}

func (p *Person) sessionSamples(s session, from, to millis, yield func(sample) bool) bool {
	first := s.warm + p.spread(forPhase, int64(s.index), cadence)
	i := max(0, (from - first).slot(cadence))
	for ; ; i++ {
		taken := first + i*cadence
		if taken >= s.end || taken >= to+slack {
			return true
		}
		x, ok := p.sample(s, int64(i), taken)
		if ok && from <= x.system && x.system < to && !yield(x) {
			return false
		}
	}
}

// sample is the measurement number i of a session, and false if it is lost.
func (p *Person) sample(s session, i int64, grid millis) (sample, bool) {
	x := sample{key: int64(s.index)<<13 + i, session: s}
	x.taken = grid + p.spread(forJitter, x.key, 2*second)
	if _, silent := p.silence().at(x.taken); silent {
		return x, false
	}
	got, ok := p.received(x.taken)
	if !ok {
		return x, false
	}
	if p.chance(forLoss, x.key) < 0.01 {
		x.void = p.Quirks && x.key%2 == 0
		ok = x.void
	}
	x.sent = p.sent(got)
	x.spelling = p.spelling(x.key)
	x.system = p.clock(x)
	return x, ok
}

// clock is what the device believes the time to be. Quirky devices fall behind
// by up to half a minute in a session and may send milliseconds, or no seconds.
func (p *Person) clock(x sample) millis {
	if !p.Quirks {
		return x.taken
	}
	worst := p.chance(forDrift, int64(x.session.index)) * float64(maxDrift)
	age := float64(x.taken-x.session.start) / float64(x.session.end-x.session.start)
	behind := x.taken - millis(worst*age)
	switch {
	case x.spelling.minutes:
		return behind.slot(minute) * minute
	case x.spelling.millis:
		return behind
	default:
		return behind.wholeSeconds()
	}
}
