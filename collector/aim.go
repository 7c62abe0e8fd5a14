package collector

import "time"

const (
	// firstStep is the step of an aim that knows nothing yet.
	firstStep = 15 * time.Second
	// finestStep is by how much an aim that held is shortened in the end.
	finestStep = 500 * time.Millisecond
)

// aim learns how long after something to ask, so late that 19 polls of 20 find what
// they came for.
type aim struct {
	offset time.Duration // from what happened to the poll
	step   time.Duration // by how much the next success shortens it
}

// hit takes a poll that found what it came for: the next one may be a little sooner.
func (a *aim) hit() { a.offset -= a.step }

// late takes a poll that came too soon, and by how much: the next ones are later, by 19
// times as much as a success makes them sooner.
func (a *aim) late(by time.Duration) {
	a.step = max(finestStep, a.step/2)
	a.offset += min(19*a.step, by)
}
