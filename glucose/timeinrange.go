package glucose

import "slices"

// Counts are numbers of readings by [Range], which is their index.
type Counts [5]int

// Total is the number of all readings.
func (c Counts) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// Share is which part of all readings falls into any of the ranges, from 0 to 1;
// 0 when there are none. It rounds once: the share of two ranges may differ from
// the sum of two shares in its last digit, and is the better number to compare
// with a limit.
func (c Counts) Share(ranges ...Range) float64 {
	within := 0
	for i, n := range c {
		if slices.Contains(ranges, Range(i)) {
			within += n
		}
	}
	return share(within, c.Total())
}

// Below is the share of readings below the target range.
func (c Counts) Below() float64 { return c.Share(VeryLow, Low) }

// Above is the share of readings above the target range.
func (c Counts) Above() float64 { return c.Share(High, VeryHigh) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
