package simulator

import (
	"slices"
	"time"
)

// v2Event is a record of GET /v2/users/self/events.
type v2Event struct {
	SystemTime  string   `json:"systemTime"`
	DisplayTime string   `json:"displayTime"`
	Type        string   `json:"eventType"`
	SubType     any      `json:"eventSubType,omitzero"` // as in v3Event
	Value       *float64 `json:"value"`
	Unit        *string  `json:"unit"`
	EventID     string   `json:"eventId"`
	Status      string   `json:"eventStatus"`
}

// v2EventKinds are the kinds that version 2 knows.
func v2EventKinds() []string { return eventKinds()[:4] }

func (p *Person) v2Events(start, end, now time.Time) []v2Event {
	var records []v2Event
	for _, e := range p.events(ceil(start), ceil(end)) {
		t, ok := p.tell(e, floor(now))
		if ok && slices.Contains(v2EventKinds(), e.kind) {
			records = append(records, p.v2Event(e, t))
		}
	}
	return records
}

func (p *Person) v2Event(e event, t Event) v2Event {
	r := v2Event{
		Type:    p.typeWord(e, t),
		SubType: p.subtypeWord(e, t),
		EventID: t.RecordID,
		Status:  t.Status,
	}
	r.SystemTime, r.DisplayTime = e.spelling.v2Times(e.system, p.zone())
	if t.Status == updated {
		r.Status = created
	}
	unit := eventUnit(e.kind)
	switch {
	case t.HasValue:
		r.Value, r.Unit = &t.Value, &unit
	case t.Type == "exercise":
		nothing := -1.0
		r.Value, r.Unit = &nothing, &unit
	}
	return r
}
