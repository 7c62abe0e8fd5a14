package glucose

import (
	"iter"
	"slices"
)

// ascending gives the values of all readings in ascending order, in scratch where
// that is large enough. A bucket for each whole mg/dL makes it linear: readings
// are whole or nearly so.
func ascending(samples []Sample, scratch []float64) []float64 {
	var next [highest + 2]int // where the next value of a bucket goes
	n := 0
	for _, s := range samples {
		if s.isReading() {
			next[int(s.MgDL)+1]++
			n++
		}
	}
	for i := 1; i < len(next); i++ {
		next[i] += next[i-1]
	}
	values := slices.Grow(scratch[:0], n)[:n]
	for _, s := range samples {
		if s.isReading() {
			bucket := int(s.MgDL)
			values[next[bucket]] = s.MgDL
			next[bucket]++
		}
	}
	begin := 0
	for _, end := range next[:] { // where a bucket ends, now
		slices.Sort(values[begin:end])
		begin = end
	}
	return values
}

// runs are the distinct values of an ascending list, each with the number of times
// that it is there.
func runs(ascending []float64) iter.Seq2[float64, int] {
	return func(yield func(float64, int) bool) {
		begin := 0
		for i, value := range ascending {
			if last := i == len(ascending)-1; last || ascending[i+1] != value {
				if !yield(value, i+1-begin) {
					return
				}
				begin = i + 1
			}
		}
	}
}
