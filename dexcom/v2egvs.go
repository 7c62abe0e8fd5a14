package dexcom

import "cmp"

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
type v2Units struct {
	Unit     wireText `json:"unit"`
	RateUnit wireText `json:"rateUnit"`
}

// unitsOf finds the units of an answer, which may follow the records that they are
// for. A body without units, or that is no answer at all, has empty ones.
func unitsOf(body []byte) v2Units {
	var units v2Units
	_ = decodeObject(body, &units) // whoever reads the list says what is wrong
	return units
}

// parse reads a record in these units.
func (u v2Units) parse(w wireV2EGV) (Reading, string) {
	w.Unit, w.RateUnit = cmp.Or(w.Unit, u.Unit), cmp.Or(w.RateUnit, u.RateUnit)
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
