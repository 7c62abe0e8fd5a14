package simulator

import (
	"cmp"
	"slices"
)

// account is one record by which the API tells an event.
type account struct {
	event
	state
}

// accounts are the records with a time from from until before to, ascending. The
// states of an event that have one at the instant by are those told.
func (p *Person) accounts(from, to, by millis, told func(e event, by millis) []state) []account {
	from = max(from, p.since())
	var records []account
	for _, e := range p.events(from, to) {
		for _, s := range told(e, by) {
			if s.within(from, to) {
				records = append(records, account{e, s})
			}
		}
	}
	slices.SortStableFunc(records, func(a, b account) int {
		return cmp.Or(cmp.Compare(a.system, b.system), cmp.Compare(a.id, b.id))
	})
	return records
}

// told are the states that the display uploaded at the instant by or before.
func (p *Person) told(e event, by millis) []state {
	n := 0
	for n < len(e.states) && p.sent(e.states[n].made) <= by {
		n++
	}
	return e.states[:n]
}

// v3Told are the states that have a record in version 3. Whether there are several
// of one id is not known: half of the events of people with quirks have one for
// each state, in any order, all others that of the newest state alone.
func (p *Person) v3Told(e event, by millis) []state {
	told := p.told(e, by)
	switch {
	case len(told) < 2:
		return told
	case !p.odd(forSideBySide, e.id, 0.5):
		return told[len(told)-1:]
	case p.odd(forSideBySide, -e.id-1, 0.5):
		told = slices.Clone(told)
		slices.Reverse(told)
	}
	return told
}

// v2Told are the same in version 2. It tells neither updates nor when something was
// recorded, so several records of one id make sense only if one was deleted.
func (p *Person) v2Told(e event, by millis) []state {
	told := p.told(e, by)
	if n := len(told); n > 0 && told[n-1].status != deleted {
		return told[n-1:]
	}
	return p.v3Told(e, by)
}
