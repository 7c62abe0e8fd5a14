package simulator

import (
	"slices"
	"time"
)

// moment is when a record was made, by the device's clock, and when it was uploaded.
type moment struct{ system, sent millis }

// journal lists the records of one kind. A record that was made later was never
// uploaded earlier, so ends are found by looking at a few days only.
type journal struct {
	since   millis
	between func(from, to millis) []moment // ascending
	sent    func(made millis) millis       // never decreases
}

// journal returns the records of a kind as dataRange names them, and false for
// kinds the person never has.
func (p *Person) journal(record string) (journal, bool) {
	switch record {
	case "egvs":
		return p.egvJournal(), true
	case "events":
		return journal{p.since(), p.meals, p.sent}, true
	case "calibrations":
		return journal{p.since(), p.calibrations, p.sent}, p.product().variant == G6
	default:
		return journal{}, false
	}
}

func (p *Person) egvJournal() journal {
	between := func(from, to millis) []moment {
		var ms []moment
		for x := range p.samples(from, to) {
			if !x.void {
				ms = append(ms, moment{x.system, x.sent})
			}
		}
		return ms
	}
	return journal{p.since(), between, func(made millis) millis {
		got, _ := p.received(made)
		return p.sent(got)
	}}
}

// newest is the last record that was uploaded at the instant by or before.
func (j journal) newest(by millis) (moment, bool) {
	for d := by.slot(day); d >= j.since.slot(day); d-- {
		if j.sent(d*day) > by {
			continue
		}
		for _, m := range slices.Backward(j.day(d)) {
			if m.sent <= by {
				return m, true
			}
		}
	}
	return moment{}, false
}

// oldest is the first record that was uploaded after the instant after, and at
// the instant by or before.
func (j journal) oldest(after, by millis) (moment, bool) {
	first := j.since.slot(day)
	d := max(first, min(after, by).slot(day))
	// A clock that lags gives the first records of a day to the day before.
	for d > first && j.sent(d*day+slack) > after {
		d--
	}
	for ; d*day <= by; d++ {
		for _, m := range j.day(d) {
			if m.sent > by {
				return moment{}, false
			}
			if m.sent > after {
				return m, true
			}
		}
	}
	return moment{}, false
}

// day lists the records of day number n since 1970.
func (j journal) day(n millis) []moment {
	return j.between(max(n*day, j.since), (n+1)*day)
}

// DataRange returns the system times of the oldest and the newest record of a
// kind ("egvs", "events" or "calibrations") among those that became available
// after since and are so at the instant now. A zero since means all. It is
// false where there are none.
func (p *Person) DataRange(record string, now, since time.Time) (start, end time.Time, ok bool) {
	j, ok := p.journal(record)
	if !ok {
		return start, end, false
	}
	by, after := floor(now)-p.lag(), floor(since)-p.lag()
	last, ok := j.newest(by)
	if !ok || last.sent <= after {
		return start, end, false
	}
	first, ok := j.oldest(after, by)
	return first.system.time(), last.system.time(), ok
}
