package dexcom

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

// wireV2EGV is a record of GET /v2/users/self/egvs. Its value is the smoothed one
// where there is one, else what the device showed; only a G6 is smoothed, once
// later readings are there.
// (developer.dexcom.com/docs/dexcomv2/operation/getEstimatedGlucoseValuesV2)
type wireV2EGV struct {
	wireEGV

	RealtimeValue wireNumber `json:"realtimeValue"`
	SmoothedValue wireNumber `json:"smoothedValue"`
}

// v2Units are the units of all records of an answer of version 2.
type v2Units struct{ unit, rateUnit wireText }

// unitsOf finds the units of an answer, which may follow the records that they are
// for. A body without units, or that is no answer at all, has empty ones.
func unitsOf(body []byte) v2Units {
	var units v2Units
	decoder := json.NewDecoder(bytes.NewReader(body))
	_ = eachKey(decoder, func(name string) error { // whoever reads the list says what is wrong
		switch strings.ToLower(name) {
		case "unit":
			return decoder.Decode(&units.unit)
		case "rateunit":
			return decoder.Decode(&units.rateUnit)
		case V2.listKey("egvs"):
			return eachRecord(decoder, func([]byte) {}) // which keeps one at a time
		}
		var other json.RawMessage
		return decoder.Decode(&other)
	})
	return units
}

// parse reads a record in these units.
func (u v2Units) parse(w wireV2EGV) (Reading, string) {
	w.Unit, w.RateUnit = cmp.Or(w.Unit, u.unit), cmp.Or(w.RateUnit, u.rateUnit)
	for _, standIn := range []wireNumber{w.SmoothedValue, w.RealtimeValue} {
		if !w.Value.ok {
			w.Value = standIn
		}
	}
	// Newer pages show a Z behind both times, where the second is local all the same.
	if _, offset := w.DisplayTime.time.Zone(); offset == 0 {
		w.DisplayTime.zoned = false
	}
	r, skip := parseEGV(w.wireEGV)
	r.Provisional = skip == "" && !w.SmoothedValue.ok
	return r, skip
}
