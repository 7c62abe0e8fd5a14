package glucose

import "math"

// Summary has the figures of some readings. Its zero value is that of none.
type Summary struct {
	Readings int
	// Mean, Min and Max are in mg/dL.
	Mean, Min, Max float64
	// SD is the standard deviation in mg/dL, of the readings as the whole
	// population: divided by n, as Dexcom's POST /v2/users/self/statistics does.
	SD float64
	// CV is the coefficient of variation, SD to Mean: glucose is stable up to 0.36
	// (Rodbard 2009, doi 10.1089/dia.2008.0132).
	CV          float64
	Percentiles Percentiles
	// Ranges counts the readings of each range.
	Ranges Counts
	// LBGI and HBGI are the low and the high blood glucose index (Kovatchev 2006,
	// doi 10.2337/dc06-1085).
	LBGI, HBGI float64
	// GMI is the glucose management indicator as a ratio: 0.07 is 7 %
	// (Bergenstal 2018, doi 10.2337/dc18-1581).
	GMI float64
	// GRI is the glycemia risk index, 0 to 100 (Klonoff 2022,
	// doi 10.1177/19322968221085273), of the ranges that were given.
	GRI float64
}

// Summarize computes all figures of samples in any order. Scratch is room for it
// to work in, and nothing is allocated when it has the capacity for all samples;
// nil will do.
func Summarize(samples []Sample, bounds Bounds, scratch []float64) Summary {
	values := ascending(samples, scratch)
	if len(values) == 0 {
		return Summary{}
	}
	s := Summary{Readings: len(values), Min: values[0], Max: values[len(values)-1], Percentiles: percentilesOf(values)}
	var sum, lowRisk, highRisk float64
	for mgdl, times := range runs(values) {
		n := float64(times)
		sum += n * mgdl
		low, high := risk(mgdl)
		lowRisk += n * low
		highRisk += n * high
		s.Ranges[bounds.Range(mgdl)] += times
	}
	n := float64(s.Readings)
	// Rounding must not take the mean of equal values away from them.
	s.Mean = min(max(sum/n, s.Min), s.Max)
	s.SD = deviation(values, s.Mean)
	s.CV = s.SD / s.Mean
	s.LBGI, s.HBGI = lowRisk/n, highRisk/n
	s.GMI = gmi(s.Mean)
	s.GRI = gri(s.Ranges)
	return s
}

// deviation is the standard deviation of the population. The second pass over the
// values keeps the digits that a sum of squares would lose.
func deviation(values []float64, mean float64) float64 {
	var squares float64
	for mgdl, times := range runs(values) {
		squares += float64(times) * (mgdl - mean) * (mgdl - mean)
	}
	return math.Sqrt(squares / float64(len(values)))
}
