package glucose

// gri is the glycemia risk index, from 0 (best) to 100 (Klonoff 2022,
// doi 10.1177/19322968221085273). Its weights are for percentages of ranges that
// do not overlap: very low is not low as well.
func gri(counts Counts) float64 {
	n := counts.Total()
	if n == 0 {
		return 0
	}
	weighted := 3.0*float64(counts[VeryLow]) + 2.4*float64(counts[Low]) + 1.6*float64(counts[VeryHigh]) + 0.8*float64(counts[High])
	return min(100, 100*weighted/float64(n))
}
