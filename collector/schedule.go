package collector

import "time"

// pace holds the bounds of how often one source of one account is asked.
type pace struct{ min, max time.Duration }

const (
	// usual is how often a healthy source is asked: sensors measure every 5
	// minutes, so that more often brings nothing new.
	usual = 5 * time.Minute
	// longestRetryAfter bounds how long a server can send us away.
	longestRetryAfter = time.Hour
)

// afterSuccess is how long to wait after an answer. luck, from 0 to 1, spreads
// accounts by a tenth either way within the bounds, so that they do not ask in
// step.
func (p pace) afterSuccess(luck float64) time.Duration {
	wait := min(max(usual, p.min), p.max)
	least, most := max(p.min, wait-wait/10), min(p.max, wait+wait/10)
	return least + time.Duration(luck*float64(most-least))
}

// afterFailure is how long to wait after a number of failures in a row (at least
// 1): doubling from the least pace to the greatest, and never sooner than the
// server asked; up to half as much again by luck, a tenth of what was asked.
func (p pace) afterFailure(failures int, retryAfter time.Duration, luck float64) time.Duration {
	wait := p.min
	for i := 1; i < failures && wait < p.max; i++ {
		wait *= 2
	}
	wait = time.Duration(float64(min(wait, p.max)) * (1 + luck/2))
	asked := min(retryAfter, longestRetryAfter)
	return max(wait, asked+time.Duration(luck*float64(asked)/10))
}

const (
	// overlap is how far back each poll reads again: phones that come back
	// deliver what is old (DESIGN: late back-fill).
	overlap = 24 * time.Hour
	// ahead is how far a device's clock may be ahead of ours for its readings to
	// be read at all (clients tolerate a day).
	ahead = 24 * time.Hour
	// seam is read again before the newest reading after a long silence.
	seam = time.Hour
)

// window is what a poll of readings asks for: the last day, and after a longer
// silence everything since the newest reading, so that a receiver that uploads
// once in ten days is read in full at once; never more than the history keeps.
func window(now, newest time.Time, keep time.Duration) (from, to time.Time) {
	from = now.Add(-overlap)
	if since := newest.Add(-seam); !newest.IsZero() && since.Before(from) {
		from = since
	}
	if oldest := now.Add(-keep); from.Before(oldest) {
		from = oldest
	}
	return from, now.Add(ahead - time.Minute) // what is asked for is also taken
}
