package glucose

import "math"

// risk is what a value in mg/dL, at least 1, adds to the low and to the high blood
// glucose index (Kovatchev 2006, doi 10.2337/dc06-1085): the square of f(G) =
// (ln G)^1.084 - 5.381, which is 0 near 112.5 mg/dL, times 10 × 1.509². One of the
// two is 0.
func risk(mgdl float64) (low, high float64) {
	// math.Pow takes five times as long.
	f := math.Exp(1.084*math.Log(math.Log(mgdl))) - 5.381
	square := 22.77081 * f * f
	if f < 0 {
		return square, 0
	}
	return 0, square
}
