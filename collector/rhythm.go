package collector

import "time"

const (
	// cadence is the time between two readings of a sensor.
	cadence = 5 * time.Minute
	// firstDelay is the guess of who has seen nothing of a person yet.
	firstDelay = 30 * time.Second
	// finestStep is by how much a delay that held is shortened in the end.
	finestStep = 500 * time.Millisecond
	// retries are how often a reading that is late is asked for before it counts as
	// missing, until the next one is due.
	retries = 3
	// punctual is how far from its plan a poll may be and still teach something.
	punctual = 15 * time.Second
)

// rhythm learns when a person's next reading can be there: five minutes after the
// last one, and the time from a measurement to its publication, which depends on the
// phone. It asks so late that nine polls of ten, and more, find what they came for.
type rhythm struct {
	newest time.Time     // time of the newest reading
	delay  time.Duration // from a reading to the poll that should find it
	step   time.Duration // by how much the next success shortens the delay
	missed int           // polls in a row that found nothing new
	gap    bool          // the newest reading did not follow the one before at once
}

func newRhythm() rhythm { return rhythm{delay: firstDelay, step: 8 * time.Second} }

// saw takes the newest reading that there was at a poll.
func (r *rhythm) saw(newest, now time.Time) {
	if !newest.After(r.newest) {
		r.missed++
		return
	}
	since := newest.Sub(r.newest)
	r.gap = since > cadence*3/2
	if !r.newest.IsZero() && !r.gap {
		r.learn(now.Sub(newest))
	}
	r.newest, r.missed = newest, 0
}

// learn follows the delay that 19 of 20 readings keep: each success makes it a little
// shorter, each miss 19 times as much longer. found is how old the reading was.
func (r *rhythm) learn(found time.Duration) {
	behind := (found - r.delay).Round(cadence) // the one that was to be found is still to come
	switch {
	case r.missed > retries:
		return
	case r.missed > 0:
		r.step = max(finestStep, r.step/2)
		r.delay = min(r.delay+19*r.step, found)
	case (found - r.delay - behind).Abs() > punctual:
		return // after a failure, say: that it was there by then says nothing
	default:
		r.delay += behind - r.step
	}
	r.delay = min(max(r.delay, -2*time.Minute), cadence)
}

// pause is how long to wait for the next poll.
func (r *rhythm) pause(now time.Time, pace pace) time.Duration {
	due := r.newest.Add(cadence + r.delay)
	switch {
	case r.newest.IsZero():
		return min(max(cadence, pace.min), pace.max)
	case r.missed > 0 && r.missed <= retries:
		return pace.min
	}
	if late := now.Sub(due); late >= 0 { // the next of the grid
		due = due.Add((late/cadence + 1) * cadence)
	}
	return min(max(due.Sub(now), pace.min), max(pace.min, pace.max))
}
