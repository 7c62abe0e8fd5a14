package simulator

// The states of an event's record
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3).
const (
	created = "created"
	updated = "updated"
	deleted = "deleted"
)

const (
	hesitation = 2 * minute  // between two changes of a record at least
	furthest   = 45 * minute // how far a person moves an entry back at most
)

// state is an event as it is until the next one: what the person wrote down, as a
// new record or to correct one.
type state struct {
	entry
	stamp

	status string
	made   millis // when the person wrote it
}

// record makes the events of an entry: one, or two where the person's app
// replaces instead of updating. On a G5 nothing is corrected: its records are
// always created (developer.dexcom.com/docs/dexcomv2/operation/getEventsV2).
func (p *Person) record(e entry) []event {
	first := state{entry: e, stamp: p.stamp(e.at, e.key), status: created, made: e.at}
	if p.chance(forWriting, 2*e.key) < 0.2 {
		first.made += 10*second + p.spread(forWriting, 2*e.key+1, latestEntry)
	}
	id := 2 * e.key
	u := p.chance(forChange, id)
	if u >= 0.14 || p.product().variant == G5 {
		return []event{{id, []state{first}}}
	}
	at := p.later(first.made, first.made+latestChange, p.chance(forChange, id+1))
	gone := first
	gone.status, gone.made = deleted, at
	if u < 0.04 || e.step == 0 && e.text == "" {
		return []event{{id, []state{first, gone}}}
	}
	second := p.revise(first, forRevision)
	second.made = at
	if u < 0.11 {
		return []event{{id, p.reviseAgain([]state{first, p.move(second, id)})}}
	}
	second.status = created
	return []event{{id, []state{first, gone}}, {id + 1, []state{second}}}
}

// later is a moment in which a person corrects something, soon after it was made
// rather than late.
func (p *Person) later(made, latest millis, hurry float64) millis {
	earliest := made + hesitation
	return earliest + millis(hurry*hurry*hurry*float64(max(latest-earliest, 0))).wholeSeconds()
}

// revise is a state with the amount or the text corrected. It never stays.
func (p *Person) revise(s state, why purpose) state {
	s.status = updated
	if s.text != "" {
		s.text += ", see yesterday"
		return s
	}
	steps := pick(p, why, s.key, 1.0, 2, 3)
	if p.chance(why, s.key) < 0.5 && s.amount > steps*s.step {
		steps = -steps
	}
	s.amount += steps * s.step
	return s
}

// reviseAgain has people with quirks correct once more what they corrected, or
// delete it after all.
func (p *Person) reviseAgain(states []state) []state {
	last := states[len(states)-1]
	if !p.odd(forSecondChange, last.key, 0.5) {
		return states
	}
	again := p.revise(last, forSecondRevision)
	if p.odd(forSecondChange, -last.key, 0.3) {
		again = last
		again.status = deleted
	}
	again.made = p.later(last.made, states[0].made+latestChange, p.chance(forSecondRevision, -last.key))
	return append(states, again)
}

// move has some people with quirks correct the time as well: it was earlier.
// Nothing moves to before the data begins.
func (p *Person) move(s state, id int64) state {
	back := 5*minute + p.spread(forMove, id, furthest-5*minute)
	if !p.odd(forMove, -id, 0.35) || s.at-back-slack < p.since() {
		return s
	}
	s.at -= back
	s.stamp = p.stamp(s.at, s.key)
	return s
}
