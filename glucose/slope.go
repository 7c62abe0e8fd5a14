package glucose

import "time"

// Slope is the least-squares slope of the samples in mg/dL per minute: what the
// trend rate would be where the source gives none. Samples are in order of time.
//
// It is false with fewer than 3 samples, with more than 11 minutes between two
// (two readings lost: a line through the hole would be a guess) and when all
// samples fall on one instant.
func Slope(samples []Sample) (mgdlPerMinute float64, ok bool) {
	const fewest, widestGap = 3, 11 * time.Minute
	if len(samples) < fewest {
		return 0, false
	}
	var sumMinutes, sumMgDL float64
	previous := samples[0]
	for _, s := range samples {
		if s.Time.Sub(previous.Time) > widestGap {
			return 0, false
		}
		previous = s
		sumMinutes += s.Time.Sub(samples[0].Time).Minutes()
		sumMgDL += s.MgDL
	}
	n := float64(len(samples))
	var covariance, variance float64
	for _, s := range samples {
		minutes := s.Time.Sub(samples[0].Time).Minutes() - sumMinutes/n
		covariance += minutes * (s.MgDL - sumMgDL/n)
		variance += minutes * minutes
	}
	if variance == 0 {
		return 0, false
	}
	return covariance / variance, true
}
