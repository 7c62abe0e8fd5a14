package simulator

import (
	"cmp"
	"slices"
	"time"
)

// Event is the truth about one entry in the person's diary: what a careful
// client should understand from the record that Dexcom sends.
//
// Version 2 tells only carbs, insulin, exercise and health, and calls a record
// created that version 3 calls updated.
type Event struct {
	RecordID   string    // a UUID, unique per person; eventId in version 2
	SystemTime time.Time // UTC by the device's clock
	Type       string    // carbs, insulin, exercise, health, bloodGlucose, notes, or unknown
	SubType    string    // Dexcom's word; unknown for other words, empty for none
	Value      float64   // in Unit; 0 without HasValue
	HasValue   bool      // the record has a value that a client can use
	Unit       string    // grams, units, minutes, mg/dL; empty without HasValue
	Text       string    // of notes only
	Status     string    // created, updated or deleted
	Uploaded   time.Time // when the display gave Dexcom the record as it is now
	Available  time.Time // the first instant at which the API returns it so
}

// Events returns the events with from <= SystemTime < to as the API tells them
// at the instant now, deleted ones too, in ascending order. A ONE+ has none.
//
// Some records are updated or deleted later, up to two days after they were
// made; those of a G5 never are. A record keeps its id, except that a few updates
// delete it and make a new one with an id of its own at the same SystemTime.
//
// People with quirks change a record up to twice, and may move it to an earlier
// time. Version 3 then tells either its newest state or a record for each, all with
// one id: if none is deleted the one with the latest recordedSystemTime holds, and
// null is the earliest. A window that has only the older record of one that was
// moved out of it tells more than Events does.
func (p *Person) Events(from, to, now time.Time) []Event {
	var truth []Event
	for _, e := range p.events(ceil(from), ceil(to)) {
		t, ok := p.tell(e, floor(now)-p.lag())
		if ok && !t.SystemTime.Before(from) && t.SystemTime.Before(to) {
			truth = append(truth, t)
		}
	}
	slices.SortFunc(truth, func(a, b Event) int {
		return cmp.Or(a.SystemTime.Compare(b.SystemTime), cmp.Compare(a.RecordID, b.RecordID))
	})
	return truth
}

const (
	latestEntry         = 40 * minute // how long a person puts off to write something down
	latestChange        = 2 * day     // how long after that a person corrects it
	longestAfterthought = latestEntry + latestChange + hesitation + furthest + minute + slack
)

// event is all that happens to one record before anybody asks for it.
type event struct {
	id     int64   // unique for the person
	states []state // at least one, in the order in which they were made
}

// events are those with a state from from until before to.
func (p *Person) events(from, to millis) []event {
	if p.product().variant == OnePlus {
		return nil
	}
	from = max(from, p.since())
	var events []event
	for _, entry := range p.diary(from, to+furthest) {
		for _, e := range p.record(entry) {
			if slices.ContainsFunc(e.states, func(s state) bool { return s.within(from, to) }) {
				events = append(events, e)
			}
		}
	}
	return events
}

func (s state) within(from, to millis) bool { return from <= s.system && s.system < to }

// tell is what a careful client understands of an event that was uploaded by the
// instant by: its newest state. It is false if there is none yet.
func (p *Person) tell(e event, by millis) (Event, bool) {
	told := p.told(e, by)
	if len(told) == 0 {
		return Event{}, false
	}
	return p.truth(e, told[len(told)-1]), true
}

// truth is what one record of an event means.
func (p *Person) truth(e event, s state) Event {
	sent := p.sent(s.made)
	t := Event{
		RecordID:   uuid(p.Seed, forEventID, e.id),
		SystemTime: s.system.time(),
		Type:       s.kind,
		SubType:    s.subtype,
		Value:      s.amount,
		HasValue:   s.amount != 0,
		Unit:       eventUnit(s.kind),
		Text:       s.text,
		Status:     s.status,
		Uploaded:   sent.time(),
		Available:  (sent + p.lag()).time(),
	}
	p.eventQuirk(e.id, s.entry).garble(&t)
	return t
}

// eventUnit is the unit of a kind's values, empty for kinds without values
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3).
func eventUnit(kind string) string {
	switch kind {
	case "carbs":
		return "grams"
	case "insulin":
		return "units"
	case "exercise":
		return "minutes"
	case "bloodGlucose":
		return "mg/dL"
	default:
		return ""
	}
}

// eventKinds are all that version 3 knows; version 2 knows the first four.
func eventKinds() []string {
	return []string{"carbs", "insulin", "exercise", "health", "bloodGlucose", "notes"}
}
