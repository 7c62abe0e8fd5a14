package simulator

import "math"

// distribution counts values in mg/dL from 0 to High.
type distribution struct {
	counts          [High + 1]int
	n, sum, squares int
}

func (d *distribution) add(mgdl int) {
	d.counts[mgdl]++
	d.n++
	d.sum += mgdl
	d.squares += mgdl * mgdl
}

// moments are the mean, the variance of the population, and its root. Whole
// numbers keep them exact up to the last division.
func (d *distribution) moments() (mean, variance, deviation float64) {
	n := float64(d.n)
	mean = float64(d.sum) / n
	variance = float64(d.n*d.squares-d.sum*d.sum) / (n * n)
	return mean, variance, math.Sqrt(variance)
}

// nth is the value at a place among the sorted ones, from 0 to n-1.
func (d *distribution) nth(place int) int {
	for mgdl, n := range d.counts {
		if place -= n; place < 0 {
			return mgdl
		}
	}
	return High
}

// quantile is the one of type 7 of Hyndman and Fan (1996), as in R and NumPy.
func (d *distribution) quantile(share float64) float64 {
	below, part := math.Modf(float64(d.n-1) * share)
	low, high := d.nth(int(below)), d.nth(int(math.Ceil(below+part)))
	return float64(low) + part*float64(high-low)
}

func (d *distribution) percent(n int) float64 { return 100 * float64(n) / float64(d.n) }
