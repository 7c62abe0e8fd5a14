package simulator

// The states of an event's record
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3).
const (
	created = "created"
	updated = "updated"
	deleted = "deleted"
)

// change is what happens to a record later. The zero value is nothing.
type change struct {
	status string
	made   millis
	amount float64
	text   string
}

// record makes the records of an entry: one, or two where the person's app
// replaces instead of updating.
func (p *Person) record(e entry) []event {
	first := event{entry: e, stamp: p.stamp(e.at, e.key), id: 2 * e.key, made: e.at}
	if p.chance(forWriting, 2*e.key) < 0.2 {
		first.made += 10*second + p.spread(forWriting, 2*e.key+1, latestEntry)
	}
	u := p.chance(forChange, 2*e.key)
	if u >= 0.14 {
		return []event{first}
	}
	hurry := p.chance(forChange, 2*e.key+1)
	at := first.made + (2*minute + millis(hurry*hurry*hurry*float64(latestChange-2*minute))).wholeSeconds()
	if u < 0.04 || e.step == 0 && e.text == "" {
		first.change = change{status: deleted, made: at}
		return []event{first}
	}
	revised := p.revise(e)
	if u < 0.11 {
		first.change = change{status: updated, made: at, amount: revised.amount, text: revised.text}
		return []event{first}
	}
	first.change = change{status: deleted, made: at}
	return []event{first, {entry: revised, stamp: first.stamp, id: first.id + 1, made: at}}
}

// revise is the entry as the person corrects it. The amount never stays.
func (p *Person) revise(e entry) entry {
	if e.text != "" {
		e.text += ", see yesterday"
		return e
	}
	steps := pick(p, forRevision, e.key, 1.0, 2, 3)
	if p.chance(forRevision, e.key) < 0.5 && e.amount > steps*e.step {
		steps = -steps
	}
	e.amount += steps * e.step
	return e
}
