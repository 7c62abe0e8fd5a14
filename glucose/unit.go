package glucose

import (
	"fmt"
	"math"
	"strconv"
)

// MgDLPerMmolL is how many mg/dL are 1 mmol/L of glucose.
const MgDLPerMmolL = 18.0156

// Unit is a unit in which people read glucose. Its zero value is mg/dL.
type Unit uint8

// The units.
const (
	MgDL Unit = iota
	MmolL
)

// ParseUnit reads the name of a unit: mg/dL or mmol/L, spelled so.
func ParseUnit(name string) (Unit, error) {
	for _, u := range []Unit{MgDL, MmolL} {
		if name == u.String() {
			return u, nil
		}
	}
	return 0, fmt.Errorf("unit %q is neither mg/dL nor mmol/L", name)
}

// String is the unit's name: mg/dL or mmol/L.
func (u Unit) String() string {
	if u == MmolL {
		return "mmol/L"
	}
	return "mg/dL"
}

// FromMgDL converts a value or a difference in mg/dL into the unit.
func (u Unit) FromMgDL(mgdl float64) float64 {
	if u == MmolL {
		return mgdl / MgDLPerMmolL
	}
	return mgdl
}

// ToMgDL converts a value or a difference in the unit into mg/dL.
func (u Unit) ToMgDL(value float64) float64 {
	if u == MmolL {
		return value * MgDLPerMmolL
	}
	return value
}

// Format writes a value or a difference in mg/dL as people read it in the unit,
// without its name: 119 or 6.6. Halves are rounded away from 0. What is no number
// is a dash.
func (u Unit) Format(mgdl float64) string {
	if math.IsNaN(mgdl) || math.IsInf(mgdl, 0) {
		return "–"
	}
	decimals, scale := 0, 1.0
	if u == MmolL {
		decimals, scale = 1, 10
	}
	// Adding 0 takes the sign from -0.
	return strconv.FormatFloat(math.Round(u.FromMgDL(mgdl)*scale)/scale+0, 'f', decimals, 64)
}

// FormatReading is Format for a reading or a percentile of readings: what the
// sensor cannot measure is LOW (below 40 mg/dL) or HIGH (above 400).
// (developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3)
func (u Unit) FormatReading(mgdl float64) string {
	const lowest, highest = 40, 400
	switch {
	case mgdl < lowest:
		return "LOW"
	case mgdl > highest:
		return "HIGH"
	}
	return u.Format(mgdl)
}
