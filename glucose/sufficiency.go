package glucose

import "time"

// The least data that figures are shown of.
const (
	FewestReadings      = 144                 // of a window, however short
	LeastActiveRatio    = 0.5                 // of a window
	LeastActiveRatioGMI = 0.7                 // of a window, for GMI and GRI (Danne 2017, doi 10.2337/dc17-1600)
	ShortestWindowGMI   = 14 * 24 * time.Hour // for GMI and GRI (same)
	FewestOfHalfHour    = 5                   // readings in a half hour of the day
)

// ActiveRatio is the number of readings in a window to that of a sensor that
// misses none, from 0 to 1 (Danne 2017, doi 10.2337/dc17-1600).
func ActiveRatio(readings int, window time.Duration) float64 {
	if readings <= 0 || window <= 0 {
		return 0
	}
	return min(1, float64(readings)*float64(Interval)/float64(window))
}

// SufficientForSummary says whether a window has the readings for its mean, SD,
// CV, percentiles, ranges, LBGI and HBGI.
func SufficientForSummary(readings int, window time.Duration) bool {
	return readings >= FewestReadings && ActiveRatio(readings, window) >= LeastActiveRatio
}

// SufficientForGMI says whether a window is long enough and has the readings for
// its GMI and GRI. A fortnight of local days counts as one although the clock
// went forward in it, which makes it up to an hour short.
func SufficientForGMI(readings int, window time.Duration) bool {
	const clockChange = time.Hour
	return window >= ShortestWindowGMI-clockChange && ActiveRatio(readings, window) >= LeastActiveRatioGMI
}
