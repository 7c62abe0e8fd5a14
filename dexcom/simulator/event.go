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
// made. A record keeps its id, except that a few updates delete it and make a
// new one with an id of its own at the same SystemTime.
func (p *Person) Events(from, to, now time.Time) []Event {
	var truth []Event
	for _, e := range p.events(ceil(from), ceil(to)) {
		if t, ok := p.tell(e, floor(now)); ok {
			truth = append(truth, t)
		}
	}
	return truth
}

const (
	latestEntry         = 40 * minute // how long a person puts off to write something down
	latestChange        = 2 * day     // how long after that a person corrects it
	longestAfterthought = latestEntry + latestChange + minute + slack
)

// event is one record of an entry before anybody asks for it.
type event struct {
	entry
	stamp
	id     int64  // unique for the person
	made   millis // the record, not the entry: later for a replacement
	change change
}

// events are the records with a time from from until before to, ascending.
func (p *Person) events(from, to millis) []event {
	if p.product().variant == OnePlus {
		return nil
	}
	from = max(from, p.since())
	var events []event
	for _, e := range p.diary(from, to) {
		for _, r := range p.record(e) {
			if from <= r.system && r.system < to {
				events = append(events, r)
			}
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.system, b.system), cmp.Compare(a.id, b.id))
	})
	return events
}

// tell is what the API tells of an event at the instant now, and false if nothing yet.
func (p *Person) tell(e event, now millis) (Event, bool) {
	by := now - p.lag()
	sent := p.sent(e.made)
	if sent > by {
		return Event{}, false
	}
	status, amount, text := created, e.amount, e.text
	if e.change.status != "" {
		if changed := p.sent(e.change.made); changed <= by {
			sent, status = changed, e.change.status
			if status == updated {
				amount, text = e.change.amount, e.change.text
			}
		}
	}
	t := Event{
		RecordID:   uuid(p.Seed, forEventID, e.id),
		SystemTime: e.system.time(),
		Type:       e.kind,
		SubType:    e.subtype,
		Value:      amount,
		HasValue:   amount != 0,
		Unit:       eventUnit(e.kind),
		Text:       text,
		Status:     status,
		Uploaded:   sent.time(),
		Available:  (sent + p.lag()).time(),
	}
	p.eventQuirk(e).garble(&t)
	return t, true
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
