package dexcom

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// eventStatus is what became of an event, in the order in which it can.
type eventStatus uint8

const (
	eventCreated eventStatus = iota
	eventUpdated
	eventDeleted
)

// parseEventStatus takes what it does not know for an event that stands.
func parseEventStatus(name string) eventStatus {
	switch strings.ToLower(name) {
	case "updated":
		return eventUpdated
	case "deleted":
		return eventDeleted
	}
	return eventCreated
}

// recordedEvent is an event as one record tells it. Whether a change keeps the
// record's id is not documented for version 3, so one id may have several.
type recordedEvent struct {
	Event

	status eventStatus
	// recorded is when the record was made: the event's own time where Dexcom does
	// not say.
	recorded time.Time
}

// standing are the events that were not deleted, each once, oldest first. Of the
// records of one event that of the latest change counts, of two such the one that
// was recorded later, and then the one for the later time.
func standing(records []recordedEvent) []Event {
	slices.SortStableFunc(records, func(a, b recordedEvent) int {
		return cmp.Or(cmp.Compare(b.status, a.status), b.recorded.Compare(a.recorded), b.Time.Compare(a.Time))
	})
	var events []Event
	for _, record := range once(records, recordedEvent.name) {
		if record.status != eventDeleted {
			events = append(events, record.Event)
		}
	}
	oldestFirst(events, func(e Event) (time.Time, string) { return e.Time, e.ID })
	return events
}

// name tells events apart: by their ids, or by all else without.
func (e Event) name() Event {
	if e.ID != "" {
		return Event{ID: e.ID}
	}
	return e
}
