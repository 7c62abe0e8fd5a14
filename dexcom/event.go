package dexcom

import (
	"cmp"
	"context"
	"time"
)

// Event is what a person entered: a meal, insulin, exercise and the like. The text
// of a note is not among it.
type Event struct {
	// ID is the record's own name, as in [Reading].
	ID string
	// Time is the device's idea of UTC for which it was entered: it drifts, and may
	// lie in the future.
	Time time.Time
	// Kind is one of [EventKinds].
	Kind string
	// Subtype is one of [EventSubtypes] of the kind, empty where it has none.
	Subtype string
	// Value is in Unit; it means nothing without HasValue. It is as it was entered:
	// from 0 to 1,000 grams, 500 units, 1,440 minutes or 1,000 mg/dL. What is beyond
	// is no value.
	Value    float64
	HasValue bool
}

// Unit is the unit of the value: "grams", "units", "minutes" or "mg/dL", empty for
// a kind that has no value.
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3)
func (e Event) Unit() string {
	switch e.Kind {
	case "carbs":
		return "grams"
	case "insulin":
		return "units"
	case "exercise":
		return "minutes"
	case "blood_glucose":
		return "mg/dL"
	}
	return ""
}

// most is the highest value that is one, in the event's unit.
func (e Event) most() float64 {
	switch e.Unit() {
	case "units":
		return 500
	case "minutes":
		return 24 * 60
	}
	return 1000
}

// Events reads the events with from <= system time < to, both widened to whole
// seconds, that still stand, oldest first and each once: what was deleted is left
// out, and what was updated has its newest value. It asks and fails as
// [Client.EGVs] does.
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3)
// (developer.dexcom.com/docs/dexcomv2/operation/getEventsV2)
func (c *Client) Events(ctx context.Context, from, to time.Time) (List[Event], error) {
	list, err := fetchWindows(ctx, c, "events", from, to, decodeEvents)
	if err != nil {
		return List[Event]{}, err
	}
	return List[Event]{UserID: list.UserID, Records: standing(list.Records), Skipped: list.Skipped}, nil
}

// wireEvent is a record of GET /v3/users/self/events, or of version 2, which calls
// the id by the other name.
type wireEvent struct {
	RecordID           wireText   `json:"recordId"`
	EventID            wireText   `json:"eventId"`
	SystemTime         wireTime   `json:"systemTime"`
	RecordedSystemTime wireTime   `json:"recordedSystemTime"`
	EventStatus        wireText   `json:"eventStatus"`
	EventType          wireText   `json:"eventType"`
	EventSubType       wireText   `json:"eventSubType"`
	Value              wireNumber `json:"value"` // of a note its text, which no number keeps
	Unit               wireText   `json:"unit"`
}

func decodeEvents(version Version, body []byte) (List[recordedEvent], error) {
	return decodeList(body, version.listKey("events"), nil, parseEvent)
}

func parseEvent(w wireEvent) (recordedEvent, string) {
	systemTime, ok := w.SystemTime.systemTime()
	if !ok {
		return recordedEvent{}, SkipTime
	}
	e := Event{ID: string(cmp.Or(w.RecordID, w.EventID)), Time: systemTime, Kind: eventKind(string(w.EventType))}
	e.Subtype = eventSubtype(e.Kind, string(w.EventSubType))
	value := w.Value.value
	if e.Unit() == "mg/dL" {
		value = inMgDL(value, string(w.Unit))
	}
	if w.Value.ok && e.Unit() != "" && value >= 0 && value <= e.most() {
		e.Value, e.HasValue = value, true
	}
	recorded, ok := w.RecordedSystemTime.systemTime()
	if !ok {
		recorded = systemTime
	}
	return recordedEvent{Event: e, status: parseEventStatus(string(w.EventStatus)), recorded: recorded}, ""
}
