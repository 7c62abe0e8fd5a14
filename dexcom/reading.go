package dexcom

import "time"

// The bounds of what a sensor measures, in mg/dL. Dexcom sends one less for LOW
// and one more for HIGH (developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3).
const (
	LowMgDL  = 39  // stands for LOW: computed below 40
	HighMgDL = 401 // stands for HIGH: computed above 400
)

// SteepestTrendRate is the greatest change in mg/dL per minute that is believed. Dexcom's
// steepest arrow ends at 8; what is beyond this one no body does.
const SteepestTrendRate = 30

// MgDLPerMmolL is how many mg/dL are 1 mmol/L of glucose.
const MgDLPerMmolL = 18.0156

// Reading is one estimated glucose value (EGV), checked and in one unit,
// whatever the source.
type Reading struct {
	// ID is the record's own name, empty in sources that give none. It is unique
	// for one person and one app.
	ID string
	// Time is the device's idea of UTC when the value was measured: it drifts,
	// and may lie in the future.
	Time time.Time
	// DisplayTime is the same instant on the clock that the person saw, with
	// that clock's offset; zero when the source gives none.
	DisplayTime time.Time
	// MgDL is 39 (LOW), 40 to 400, or 401 (HIGH). It is whole unless the source
	// sends fractions or mmol/L, which are rounded to a thousandth.
	MgDL float64
	// Trend is the arrow.
	Trend Trend
	// TrendRate is the change in mg/dL per minute; it means nothing without
	// HasTrendRate.
	TrendRate    float64
	HasTrendRate bool
	// Generation is the kind of transmitter.
	Generation Generation
	// TransmitterAge is the time since the transmitter started; 0 when unknown.
	TransmitterAge time.Duration
	// Provisional says that MgDL may still change by smoothing: version 2 has no
	// smoothed value yet. A G5 never gets one, version 3 is never provisional.
	// (developer.dexcom.com/docs/dexcomv2/operation/getEstimatedGlucoseValuesV2)
	Provisional bool
}

// OutOfRange is -1 for LOW, 1 for HIGH and 0 for a measured value.
func (r Reading) OutOfRange() int {
	switch {
	case r.MgDL <= LowMgDL:
		return -1
	case r.MgDL >= HighMgDL:
		return 1
	}
	return 0
}
