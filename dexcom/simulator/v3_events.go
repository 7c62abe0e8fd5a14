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
	for _, a := range p.accounts(ceil(start), ceil(end), floor(now)-p.lag(), p.v3Told) {
		records = append(records, p.v3Event(a))
	}
	return records
}

func (p *Person) v3Event(a account) v3Event {
	t := p.truth(a.event, a.state)
	r := v3Event{
		RecordID:      t.RecordID,
		SystemTime:    a.spelling.systemTime(a.system),
		DisplayTime:   a.spelling.displayTime(a.system, p.zone()),
		Status:        t.Status,
		Type:          p.typeWord(a.id, t),
		SubType:       p.subtypeWord(a.id, t),
		Value:         p.v3Value(a, t),
		Unit:          v3Unit(a, t),
		v3Transmitter: p.v3Transmitter(a.at, a.id),
		DisplayDevice: p.display(),
	}
	if a.made > a.at {
		system, display := a.spelling.systemTime(a.made), a.spelling.displayTime(a.made, p.zone())
		r.RecordedSystemTime, r.RecordedDisplayTime = &system, &display
	}
	return r
}

// typeWord is the word for a type: clients have seen note for notes.
func (p *Person) typeWord(id int64, t Event) string {
	switch {
	case t.Type == "unknown":
		return pick(p, forWord, id, "unknown", "sleep")
	case t.Type == "notes" && p.odd(forWord, id, 0.5):
		return "note"
	default:
		return t.Type
	}
}

// subtypeWord is the word for a subtype, null() or nil.
func (p *Person) subtypeWord(id int64, t Event) any {
	switch {
	case t.SubType == "unknown":
		return pick(p, forWord, id+1, "unknown", "other")
	case t.SubType != "":
		return t.SubType
	case p.odd(forWord, id+1, 0.5):
		return nil
	default:
		return null()
	}
}

// v3Value is a text, though Dexcom's own sample shows a number.
func (p *Person) v3Value(a account, t Event) any {
	switch {
	case t.Type == "unknown":
		return "0.00"
	case t.Type == "notes":
		return t.Text
	case a.amount == 0:
		return null()
	case !t.HasValue && a.kind == "exercise":
		return pick(p, forWord, a.id, "-1", "-1.00")
	case !t.HasValue:
		return ""
	case p.odd(forValueQuirk, a.id, 0.1):
		return t.Value
	case t.Value == float64(int(t.Value)):
		return strconv.Itoa(int(t.Value))
	default:
		return strconv.FormatFloat(t.Value, 'f', 2, 64)
	}
}

func v3Unit(a account, t Event) *string {
	unit := t.Unit
	switch {
	case t.Type == "unknown":
		unit = "unknown"
	case a.amount == 0:
		return nil
	case !t.HasValue && a.kind == "exercise":
		unit = eventUnit(a.kind)
	}
	return &unit
}
