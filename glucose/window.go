package glucose

import (
	"slices"
	"time"
)

// WindowEnd is where the windows of statistics end: just after the newest reading
// while that is younger than staleAfter, so that a perfect sensor whose data comes
// hours late has missed nothing, and else at now. Newest is the zero time when
// there is none; a time ahead of now is believed.
func WindowEnd(newest, now time.Time, staleAfter time.Duration) time.Time {
	if now.Sub(newest) < staleAfter {
		return newest.Add(Interval)
	}
	return now
}

// Between is the part of samples in order of time that lies in a window: its start
// belongs to it and its end does not, so that windows side by side share nothing.
// It is a part of the same array.
func Between(samples []Sample, start, end time.Time) []Sample {
	first, last := position(samples, start), position(samples, end)
	return samples[first:max(first, last)]
}

// position is the number of samples before t.
func position(samples []Sample, t time.Time) int {
	i, _ := slices.BinarySearchFunc(samples, t, func(s Sample, t time.Time) int { return s.Time.Compare(t) })
	return i
}
