package simulator

import (
	"net/http"
	"time"
)

// v3Envelope is around the records of every v3 answer.
type v3Envelope[R any] struct {
	RecordType    string `json:"recordType"`
	RecordVersion string `json:"recordVersion"`
	UserID        string `json:"userId"`
	Records       []R    `json:"records"`
}

// v3EGV is a record of GET /v3/users/self/egvs. Fields of type any are a
// value, null(), or nil for a key that is absent.
type v3EGV struct {
	RecordID      string   `json:"recordId"`
	SystemTime    string   `json:"systemTime"`
	DisplayTime   string   `json:"displayTime"`
	TransmitterID *string  `json:"transmitterId"`
	Ticks         int64    `json:"transmitterTicks"`
	Value         any      `json:"value"`
	Status        *string  `json:"status"`
	Trend         *string  `json:"trend"`
	TrendRate     *float64 `json:"trendRate"`
	Unit          string   `json:"unit"`
	RateUnit      string   `json:"rateUnit"`
	DisplayDevice Display  `json:"displayDevice"`
	Generation    string   `json:"transmitterGeneration"`
	Variant       Sensor   `json:"transmitterGenerationVariant,omitempty"`
	DisplayApp    any      `json:"displayApp,omitzero"`
}

// null is the JSON null, where nil means no key at all.
func null() any { return (*string)(nil) }

func v3EGVs(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
	start, end, err := window(r.URL.Query(), v3Window)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, v3Envelope[v3EGV]{"egv", "3.0", p.userID(), p.v3EGVs(start, end, now)})
}

// v3EGVs are the records of a window, newest first.
func (p *Person) v3EGVs(start, end, now time.Time) []v3EGV {
	records := make([]v3EGV, 0, end.Sub(start)/cadence.duration()+1)
	c := p.curve()
	id, n := "", millis(-1)
	for x := range p.available(ceil(start), ceil(end), floor(now)) {
		if id == "" || x.session.transmitter != n {
			id, n = p.transmitterID(x.session), x.session.transmitter
		}
		records = append(records, p.v3EGV(x, id, c))
	}
	return newestFirst(p, floor(start), records)
}

func (p *Person) v3EGV(x sample, transmitterID string, c *curve) v3EGV {
	k := p.product()
	e := v3EGV{
		SystemTime:    x.spelling.systemTime(x.system),
		DisplayTime:   x.spelling.displayTime(x.system, p.zone()),
		Unit:          "mg/dL",
		RateUnit:      "mg/dL/min",
		DisplayDevice: p.display(),
		Generation:    p.generation(),
		Variant:       k.variantWord(),
		DisplayApp:    p.app(),
	}
	if x.void {
		e.RecordID = uuid(p.Seed, forRecord, x.key)
		return e
	}
	t := p.reading(x, c)
	e.RecordID, e.Ticks, e.Value, e.Trend = t.RecordID, t.Ticks, p.figure(t.Value, x.key), &t.Trend
	if t.HasRate {
		e.TrendRate = &t.TrendRate
	}
	e.Status = p.status(t.Value, x.key)
	e.TransmitterID = &transmitterID
	p.misspell(&e, x.key)
	return e
}

// status is set outside the measuring range only; older bodies know more words.
func (p *Person) status(value int, key int64) *string {
	word := ""
	switch value {
	case Low:
		word = "low"
	case High:
		word = "high"
	}
	if p.odd(forStatus, key, 0.2) {
		if word == "" {
			word = pick(p, forWord, key, "ok", "unknown")
		} else {
			word = pick(p, forWord, key, "", "unknown")
		}
	}
	if word == "" {
		return nil
	}
	return &word
}

// misspell spoils what a careful client can do without.
func (p *Person) misspell(e *v3EGV, key int64) {
	if p.odd(forTransmitterID, key, 0.06) {
		e.TransmitterID = pick(p, forWord, key, nil, new(string))
	}
	if p.odd(forApp, key, 0.06) {
		e.DisplayApp = nil
	}
	// Without the variant a G7 15 Day is known by its generation alone.
	if e.Generation != "g7" || e.Variant == G7 {
		if p.odd(forVariant, key, 0.06) {
			e.Variant = ""
		}
	}
}

// generation is Dexcom's word for the sensor. Other spellings belong to the
// person, not to the record: one transmitter does not change its name.
func (p *Person) generation() string {
	k := p.product()
	if p.odd(forGeneration, 0, 0.5) {
		switch k.variant {
		case G6:
			return "g6 pro"
		case G7FifteenDay:
			return "g715day"
		}
	}
	return k.generation
}

// app is the displayApp: null for a receiver.
func (p *Person) app() any {
	if p.display() == Receiver {
		return null()
	}
	return p.product().app
}
