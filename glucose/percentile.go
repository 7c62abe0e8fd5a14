package glucose

// Percents says which percentiles are computed: those of the ambulatory glucose
// profile (Johnson 2019, doi 10.1089/dia.2019.0034).
func Percents() [5]int { return [...]int{5, 25, 50, 75, 95} }

// Percentiles are values in mg/dL, in the order of [Percents].
type Percentiles [5]float64

// Median is the 50th percentile.
func (p Percentiles) Median() float64 { return p[2] }

// percentilesOf are those of values in ascending order, at least one.
func percentilesOf(ascending []float64) Percentiles {
	var p Percentiles
	for i, percent := range Percents() {
		p[i] = percentile(ascending, percent)
	}
	return p
}

// percentile interpolates between the two nearest of n values in ascending order:
// at (n-1) percent/100 from the first of them. It is type 7 of Hyndman and Fan
// 1996 (doi 10.2307/2684934), what R and NumPy do unless told otherwise.
func percentile(ascending []float64, percent int) float64 {
	position := (len(ascending) - 1) * percent // in hundredths: a whole number hits its value exactly
	below, part := position/100, position%100
	if part == 0 {
		return ascending[below]
	}
	return ascending[below] + float64(part)*(ascending[below+1]-ascending[below])/100
}
