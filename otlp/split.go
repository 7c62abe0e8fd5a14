package otlp

import (
	"errors"
	"fmt"
)

// errAllRefused is a receiver that takes none of it: it is no matter of one item.
var errAllRefused = errors.New("refused as a whole and in parts")

// delivery brings items, oldest first, to a receiver that stores all of a request or
// nothing. What it refuses is split until the items are found that it does not
// want; these are refused for good, and the rest is delivered.
type delivery[T any] struct {
	send   func([]T) answer
	points func([]T) int
	tally  tally
	reason error // why something was refused last

	took     bool // something newer was accepted
	alone    bool // one refused item does not mean that all are
	finished bool // what is older than the last refused one is refused too
}

// run delivers the items. An error means that nothing is settled: errAllRefused
// when neither half was wanted and the newest item alone was not either, and
// else a failure.
func (d *delivery[T]) run(items []T) error {
	err := d.deliver(items)
	if !errors.Is(err, errAllRefused) || len(items) == 1 {
		return err
	}
	half := len(items) / 2
	older := d.send(items[:half])
	switch older.verdict {
	case failed:
		return older.err
	case refused:
		return err
	}
	d.accept(items[:half], older)
	d.alone = true
	return d.deliver(items[half:])
}

// deliver goes from the newest to the oldest, so that a point that is too old ends
// the search.
func (d *delivery[T]) deliver(items []T) error {
	switch {
	case len(items) == 0:
		return nil
	case d.finished:
		d.tally.refused += d.points(items)
		return nil
	}
	a := d.send(items)
	switch {
	case a.verdict == failed:
		return a.err
	case a.verdict == accepted:
		d.accept(items, a)
		d.took = true
		return nil
	case len(items) == 1:
		return d.refuse(items, a)
	}
	half := len(items) / 2
	if err := d.deliver(items[half:]); err != nil {
		return err
	}
	return d.deliver(items[:half])
}

func (d *delivery[T]) accept(items []T, a answer) {
	points := d.points(items)
	rejected := min(a.rejected, points)
	d.tally.accepted += points - rejected
	d.tally.refused += rejected
	if a.err != nil {
		d.reason = a.err
	}
}

// refuse takes note of a single item that is not wanted.
func (d *delivery[T]) refuse(item []T, a answer) error {
	if !d.took && !d.alone && a.age != tooOld {
		return fmt.Errorf("%w: %w", errAllRefused, a.err)
	}
	d.tally.refused += d.points(item)
	d.reason = a.err
	// Out of bounds may also be in the future, unless something newer was accepted.
	d.finished = a.age == tooOld || a.age == outOfBounds && d.took
	return nil
}
