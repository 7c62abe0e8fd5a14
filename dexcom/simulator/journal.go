package simulator

import (
	"math"
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
	late    millis                         // how much later than its time a record is made at most
}

// journal returns the records of a kind as dataRange names them, where they are
// once all is told that was uploaded at the instant by. It is false for kinds the
// person never has.
func (p *Person) journal(record string, by millis) (journal, bool) {
	switch record {
	case "egvs":
		return p.egvJournal(), true
	case "events":
		return p.eventJournal(eventKinds(), by, p.v3Told), p.product().variant != OnePlus
	case "calibrations":
		return p.calibrationJournal(), p.calibrates()
	default:
		return journal{}, false
	}
}

// eventJournal lists the records of events of some kinds that are told at the
// instant by, deleted ones too.
func (p *Person) eventJournal(kinds []string, by millis, told func(e event, by millis) []state) journal {
	between := func(from, to millis) []moment {
		var ms []moment
		for _, a := range p.accounts(from, to, by, told) {
			if slices.Contains(kinds, a.kind) {
				ms = append(ms, moment{a.system, p.sent(a.states[0].made)})
			}
		}
		return ms
	}
	return journal{p.since(), between, p.sent, longestAfterthought}
}

func (p *Person) calibrationJournal() journal {
	between := func(from, to millis) []moment {
		var ms []moment
		for _, x := range p.calibrations(from, to) {
			ms = append(ms, moment{x.system, x.sent})
		}
		return ms
	}
	return journal{p.since(), between, p.sent, slack}
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
	}, slack}
}

// newest is the last record that was uploaded at the instant by or before.
func (j journal) newest(by millis) (moment, bool) { return j.last(math.MinInt64, by) }

// last is the newest record that was uploaded after the instant after, and at
// the instant by or before.
func (j journal) last(after, by millis) (moment, bool) {
	for d := by.slot(day); d >= j.since.slot(day) && j.sent((d+1)*day+j.late) > after; d-- {
		if j.sent(d*day) > by {
			continue
		}
		for _, m := range slices.Backward(j.day(d)) {
			if after < m.sent && m.sent <= by {
				return m, true
			}
		}
	}
	return moment{}, false
}

// first is the oldest such record.
func (j journal) first(after, by millis) (moment, bool) {
	since := j.since.slot(day)
	d := max(since, min(after, by).slot(day))
	for d > since && j.sent(d*day+j.late) > after {
		d--
	}
	for ; d*day <= by; d++ {
		for _, m := range j.day(d) {
			if after < m.sent && m.sent <= by {
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
// false where there are none. A record counts from its first upload on, deleted
// or not: a later change of it is nothing new.
func (p *Person) DataRange(record string, now, since time.Time) (start, end time.Time, ok bool) {
	j, ok := p.journal(record, floor(now)-p.lag())
	if !ok {
		return start, end, false
	}
	return p.extent(j, now, since)
}

// extent is the data range of one journal.
func (p *Person) extent(j journal, now, since time.Time) (start, end time.Time, ok bool) {
	by, after := floor(now)-p.lag(), floor(since)-p.lag()
	last, ok := j.last(after, by)
	if !ok {
		return start, end, false
	}
	first, ok := j.first(after, by)
	return first.system.time(), last.system.time(), ok
}
