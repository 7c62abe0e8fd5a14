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
	for _, a := range p.accounts(ceil(start), ceil(end), floor(now)-p.lag(), p.v2Told) {
		if slices.Contains(v2EventKinds(), a.kind) {
			records = append(records, p.v2Event(a))
		}
	}
	return records
}

func (p *Person) v2Event(a account) v2Event {
	t := p.truth(a.event, a.state)
	r := v2Event{
		Type:    p.typeWord(a.id, t),
		SubType: p.subtypeWord(a.id, t),
		EventID: t.RecordID,
		Status:  t.Status,
	}
	r.SystemTime, r.DisplayTime = a.spelling.v2Times(a.system, p.zone())
	if t.Status == updated {
		r.Status = created
	}
	unit := eventUnit(a.kind)
	switch {
	case t.HasValue:
		r.Value, r.Unit = &t.Value, &unit
	case t.Type == "exercise":
		nothing := -1.0
		r.Value, r.Unit = &nothing, &unit
	}
	return r
}
