package collector

import "time"

// lookback is a stretch of time that ends about now, by the name that the label window
// has.
type lookback string

const (
	lastDay      lookback = "24h"
	lastWeek     lookback = "7d"
	lastTwoWeeks lookback = "14d"
	lastMonth    lookback = "30d"
	lastQuarter  lookback = "90d"
)

func (l lookback) length() time.Duration {
	const day = 24 * time.Hour
	switch l {
	case lastWeek:
		return 7 * day
	case lastTwoWeeks:
		return 14 * day
	case lastMonth:
		return 30 * day
	case lastQuarter:
		return 90 * day
	}
	return day
}

// known tells whether anything is known of the stretch: a receiver that was read
// out weeks ago says nothing of last night, which is something else than 0.
func (l lookback) known(s Snapshot) bool {
	newest := s.Ranges.EGVs.End
	if s.HasNewest && s.Newest.Time.After(newest) {
		newest = s.Newest.Time
	}
	return newest.After(s.Now.Add(-l.length()))
}

// has tells whether a time lies in the stretch that ends now. Clocks of devices
// that run a little ahead are no reason to leave out what just happened.
func (l lookback) has(t, now time.Time) bool {
	return t.After(now.Add(-l.length())) && !t.After(now.Add(tolerance))
}
