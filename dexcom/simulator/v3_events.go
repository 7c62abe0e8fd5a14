package simulator

import (
	"strconv"
	"time"
)

// v3Event is a record of GET /v3/users/self/events. Fields of type any are a
// value, null(), or nil for a key that is absent.
type v3Event struct {
	RecordID    string  `json:"recordId"`
	SystemTime  string  `json:"systemTime"`
	DisplayTime string  `json:"displayTime"`
	Status      string  `json:"eventStatus"`
	Type        string  `json:"eventType"`
	SubType     any     `json:"eventSubType,omitzero"`
	Value       any     `json:"value"`
	Unit        *string `json:"unit"`
	v3Transmitter
	DisplayDevice       Display `json:"displayDevice"`
	RecordedSystemTime  *string `json:"recordedSystemTime"`
	RecordedDisplayTime *string `json:"recordedDisplayTime"`
}

func (p *Person) v3Events(start, end, now time.Time) []v3Event {
	var records []v3Event
	for _, e := range p.events(ceil(start), ceil(end)) {
		if t, ok := p.tell(e, floor(now)); ok {
			records = append(records, p.v3Event(e, t))
		}
	}
	return records
}

func (p *Person) v3Event(e event, t Event) v3Event {
	r := v3Event{
		RecordID:      t.RecordID,
		SystemTime:    e.spelling.systemTime(e.system),
		DisplayTime:   e.spelling.displayTime(e.system, p.zone()),
		Status:        t.Status,
		Type:          p.typeWord(e, t),
		SubType:       p.subtypeWord(e, t),
		Value:         p.v3Value(e, t),
		Unit:          v3Unit(e, t),
		v3Transmitter: p.v3Transmitter(e.at, e.id),
		DisplayDevice: p.display(),
	}
	if e.made > e.at {
		system, display := e.spelling.systemTime(e.made), e.spelling.displayTime(e.made, p.zone())
		r.RecordedSystemTime, r.RecordedDisplayTime = &system, &display
	}
	return r
}

// typeWord is the word for a type: clients have seen note for notes.
func (p *Person) typeWord(e event, t Event) string {
	switch {
	case t.Type == "unknown":
		return pick(p, forWord, e.id, "unknown", "sleep")
	case t.Type == "notes" && p.odd(forWord, e.id, 0.5):
		return "note"
	default:
		return t.Type
	}
}

// subtypeWord is the word for a subtype, null() or nil.
func (p *Person) subtypeWord(e event, t Event) any {
	switch {
	case t.SubType == "unknown":
		return pick(p, forWord, e.id+1, "unknown", "other")
	case t.SubType != "":
		return t.SubType
	case p.odd(forWord, e.id+1, 0.5):
		return nil
	default:
		return null()
	}
}

// v3Value is a text, though Dexcom's own sample shows a number.
func (p *Person) v3Value(e event, t Event) any {
	switch {
	case t.Type == "unknown":
		return "0.00"
	case t.Type == "notes":
		return t.Text
	case e.amount == 0:
		return null()
	case !t.HasValue && e.kind == "exercise":
		return pick(p, forWord, e.id, "-1", "-1.00")
	case !t.HasValue:
		return ""
	case p.odd(forValueQuirk, e.id, 0.1):
		return t.Value
	case t.Value == float64(int(t.Value)):
		return strconv.Itoa(int(t.Value))
	default:
		return strconv.FormatFloat(t.Value, 'f', 2, 64)
	}
}

func v3Unit(e event, t Event) *string {
	unit := t.Unit
	switch {
	case t.Type == "unknown":
		unit = "unknown"
	case e.amount == 0:
		return nil
	case !t.HasValue && e.kind == "exercise":
		unit = eventUnit(e.kind)
	}
	return &unit
}
