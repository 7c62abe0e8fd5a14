package simulator

import "math"

// trendSpan is the stretch of curve that a trend rate is taken from.
const trendSpan = 15 * minute

// trendRate is the slope before m in mg/dL/min, to one decimal as Dexcom sends it.
func (c *curve) trendRate(m millis) float64 {
	slope := (c.at(m) - c.at(m-trendSpan)) / float64(trendSpan/minute)
	return math.Round(slope*10)/10 + 0 // + 0 turns -0 into 0
}

// trend names a rate by the bands of
// developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3.
func trend(rate float64) string {
	switch {
	case math.Abs(rate) > 8:
		return "rateOutOfRange"
	case rate >= 3:
		return "doubleUp"
	case rate >= 2:
		return "singleUp"
	case rate >= 1:
		return "fortyFiveUp"
	case rate > -1:
		return "flat"
	case rate > -2:
		return "fortyFiveDown"
	case rate > -3:
		return "singleDown"
	default:
		return "doubleDown"
	}
}
