package simulator

import (
	"net/http"
	"time"
)

// v3Records serves the records of a window, which the function gives in
// ascending order.
func v3Records[R any](kind string, ascending func(p *Person, start, end, now time.Time) []R) endpoint {
	return func(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
		start, end, err := window(r.URL.Query(), v3Window)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		records := newestFirst(p, floor(start), ascending(p, start, end, now))
		answer(w, http.StatusOK, v3Envelope[R]{p.recordType(kind, floor(start)), "3.0", p.userID(), records})
	}
}

// recordType is the kind of an answer's records. Dexcom's own samples have
// the plural, which people with quirks get at times.
func (p *Person) recordType(kind string, start millis) string {
	if p.odd(forRecordType, int64(start), 0.5) {
		return kind + "s"
	}
	return kind
}

// v3Transmitter is what a record tells of the transmitter in use.
type v3Transmitter struct {
	TransmitterID string `json:"transmitterId"`
	Generation    string `json:"transmitterGeneration"`
	Variant       Sensor `json:"transmitterGenerationVariant,omitempty"`
}

// v3Transmitter is the transmitter at m or, in the pause before a new one, the
// last. Quirks follow the record's key.
func (p *Person) v3Transmitter(m millis, key int64) v3Transmitter {
	t := v3Transmitter{p.transmitterID(p.sessionBy(m)), p.generation(), p.product().variantWord()}
	if p.odd(forTransmitterID, key, 0.06) {
		t.TransmitterID = ""
	}
	// Without the variant a G7 15 Day is known by its generation alone.
	if (t.Generation != "g7" || t.Variant == G7) && p.odd(forVariant, key, 0.06) {
		t.Variant = ""
	}
	return t
}

// sessionBy is the session at m, or the last one before.
func (p *Person) sessionBy(m millis) session {
	n := p.sessionSlot(m)
	if s := p.session(n); s.start <= m {
		return s
	}
	return p.session(n - 1)
}
