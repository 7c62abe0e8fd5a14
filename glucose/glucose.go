// Package glucose is the clinical arithmetic on glucose values: pure functions
// of their arguments, in mg/dL. It knows nothing of where the values come from.
//
// [Summarize] computes the figures of a window of readings and [ProfileOf] those
// of the half hours of a day. What may be shown of them is for
// [SufficientForSummary], [SufficientForGMI] and [HalfHour.Sufficient] to say:
// figures of too little data mislead. [TargetsOf] has the limits to compare with,
// and [Unit] the two units to write in.
//
// LOW counts as 39 mg/dL and HIGH as 401, as Dexcom counts them. Only values from
// 1 to 1000 mg/dL are readings, whatever else is among the samples: no sensor and
// no person has others. So no result is ever NaN or infinite.
package glucose

import "time"

// Interval is the time between two readings of a sensor that misses none.
const Interval = 5 * time.Minute

// Sample is a glucose value at an instant. The location of Time is the person's
// own where the time of day matters: their zone, or the offset of the clock that
// they saw ([time.FixedZone]).
type Sample struct {
	Time time.Time
	MgDL float64
}

// isReading tells a glucose value from a number that is none.
func (s Sample) isReading() bool { return s.MgDL >= 1 && s.MgDL <= highest }

// highest is the highest value that is a reading, in mg/dL.
const highest = 1000
