package simulator

import "time"

// Rhythm is how often a display uploads.
type Rhythm int

// The rhythms that real displays have.
const (
	EveryFiveMinutes Rhythm = iota // each reading within a minute
	Hourly                         // as the apps of G5 and G6 do
	EveryTenDays                   // a receiver, when somebody plugs it in
)

// received is when the display has what the sensor measured at m, and false
// if it never gets it.
func (p *Person) received(m millis) (millis, bool) {
	apart, ok := p.away().at(m)
	if !ok {
		return m, true
	}
	return apart.to, apart.to-m <= p.product().memory
}

// sent is when the display uploads what it has since m. It never decreases
// with m: what comes first is uploaded first, or together.
func (p *Person) sent(m millis) millis {
	u := p.turn(m)
	if outage, ok := p.offline().at(u); ok {
		return outage.to
	}
	return u
}

// turn is the first moment from m on at which the display would upload.
func (p *Person) turn(m millis) millis {
	switch p.Rhythm {
	case Hourly:
		return p.grid(m, hour, 8*minute)
	case EveryTenDays:
		return p.grid(m, 10*day, 12*hour)
	default:
		return m + 10*second + p.spread(forUpload, 0, 50*second)
	}
}

// grid is the first moment from m on of a series that has one moment in each
// period, at a phase of the person's own and late by less than the jitter.
func (p *Person) grid(m, period, jitter millis) millis {
	phase := p.spread(forUploadPhase, 0, period)
	for n := (m - phase - jitter).slot(period); ; n++ {
		if u := n*period + phase + p.spread(forUpload, int64(n), jitter); u >= m {
			return u
		}
	}
}

// lag is how long Dexcom keeps an upload to itself.
func (p *Person) lag() millis {
	return span(p.HoldBack) + 5*second + p.spread(forServer, 0, 35*second)
}

// LastUpload returns the newest upload up to now that brought a reading, and
// false if there was none. Dexcom tells of an upload at once, even while it
// holds its readings back.
func (p *Person) LastUpload(now time.Time) (time.Time, bool) {
	last, ok := p.egvJournal().newest(floor(now))
	return last.sent.time(), ok
}
