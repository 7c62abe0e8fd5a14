package collector

import "time"

const (
	// cadence is the time between two readings of a sensor.
	cadence = 5 * time.Minute
	// firstPhase is the guess of who has seen nothing of a person yet.
	firstPhase = 30 * time.Second
	// retries are how often a reading that is late is asked for before it counts as
	// missing, until the next one is due.
	retries = 3
	// punctual is how far from its plan a poll may be and still teach something.
	punctual = 20 * time.Second
)

// rhythm learns when a person's next reading can be there. Readings come every five
// minutes, and how long after its own time one is published depends on the phone and
// on its clock. So it learns where in the five minutes to ask: so late that 19 polls
// of 20 find what they came for.
type rhythm struct {
	newest time.Time     // time of the newest reading
	age    time.Duration // of that, when it was found
	phase  aim           // from a reading's time to the polls, less than a cadence
	missed int           // polls in a row that did not find what was due
	gap    bool          // the newest reading did not follow the one before at once
}

func newRhythm() rhythm { return rhythm{phase: aim{firstPhase, firstStep}} }

// saw takes the newest reading that there was at a poll.
func (r *rhythm) saw(newest, now time.Time) {
	if !newest.After(r.newest) {
		r.missed++
		return
	}
	age := now.Sub(newest)
	slipped := !r.newest.IsZero() && age > r.age+cadence/2 // the one that was due is yet to come
	r.gap = newest.Sub(r.newest) > cadence*3/2
	if !r.gap && !slipped {
		r.learn(age)
	}
	r.newest, r.age, r.missed = newest, age, 0
	if slipped {
		r.missed = 1
	}
}

// learn moves the phase after a poll. age is that of the newest reading.
func (r *rhythm) learn(age time.Duration) {
	late := intoCadence(age - r.phase.offset)
	switch {
	case r.missed > retries:
	case r.missed > 0:
		r.phase.late(late)
	case late <= punctual || late >= cadence-punctual: // else it follows a failure
		r.phase.hit()
	}
	r.phase.offset = intoCadence(r.phase.offset)
}

// pause is how long to wait for the next poll.
func (r *rhythm) pause(now time.Time, pace pace) time.Duration {
	soonest := cadence / 5 // what was found just now is not due again
	if late := intoCadence(r.age - r.phase.offset); r.gap && r.missed == 0 && late > punctual {
		soonest = 0 // it was found by chance
	}
	wait := cadence
	switch {
	case r.newest.IsZero():
	case r.missed > 0 && r.missed <= retries:
		wait = pace.min
	default:
		wait = soonest + intoCadence(r.newest.Add(r.phase.offset).Sub(now)-soonest)
	}
	return min(max(wait, pace.min), pace.max)
}

// intoCadence is what is left of a time, before or after a reading's, when whole
// cadences are taken away: from 0 to a cadence.
func intoCadence(d time.Duration) time.Duration { return (d%cadence + cadence) % cadence }
