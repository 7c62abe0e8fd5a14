package dexcom

// Trend is the arrow beside a value. The zero value is an arrow that the source
// did not give.
type Trend int8

// The arrows and what they mean in mg/dL per minute
// (developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3).
const (
	TrendNone      Trend = iota
	DoubleUp             // 3 to 8
	SingleUp             // 2 to 3
	FortyFiveUp          // 1 to 2
	Flat                 // -1 to 1
	FortyFiveDown        // -2 to -1
	SingleDown           // -3 to -2
	DoubleDown           // -8 to -3
	NotComputable        // the algorithm declined
	RateOutOfRange       // steeper than any arrow
)

// ParseTrend reads an arrow's name as any source spells it, without regard to
// case, spaces and underscores. Unknown names are [TrendNone].
func ParseTrend(name string) Trend {
	switch squeezed(name) {
	case "doubleup":
		return DoubleUp
	case "singleup":
		return SingleUp
	case "fortyfiveup":
		return FortyFiveUp
	case "flat":
		return Flat
	case "fortyfivedown":
		return FortyFiveDown
	case "singledown":
		return SingleDown
	case "doubledown":
		return DoubleDown
	case "notcomputable":
		return NotComputable
	case "rateoutofrange":
		return RateOutOfRange
	}
	return TrendNone
}

// Arrow places the arrow on a scale from -3 (double down) over 0 (flat) to 3
// (double up). It is false when there is no such arrow.
func (t Trend) Arrow() (int, bool) {
	if t < DoubleUp || t > DoubleDown {
		return 0, false
	}
	return int(Flat) - int(t), true
}
