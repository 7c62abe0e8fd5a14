package glucose

import "testing"

// NumPy: percentile(range(n), p) is (n-1) p/100.
func TestPercentilesOfWholeNumbersAreExact(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 400; n++ {
		ascending := make([]float64, n)
		for i := range ascending {
			ascending[i] = float64(100 * i)
		}
		for _, percent := range []int{0, 5, 25, 50, 75, 95, 100} {
			if got, want := percentile(ascending, percent), float64((n-1)*percent); got != want {
				t.Fatalf("%d values: percentile %d is %v, want %v", n, percent, got, want)
			}
		}
	}
}

func TestPercentilesOfFewValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mgdl []float64
		want Percentiles
	}{
		"one":             {[]float64{120}, Percentiles{120, 120, 120, 120, 120}},
		"two":             {[]float64{200, 100}, Percentiles{105, 125, 150, 175, 195}},
		"five":            {[]float64{140, 100, 130, 110, 120}, Percentiles{102, 110, 120, 130, 138}},
		"LOW and HIGH":    {[]float64{401, 39}, Percentiles{57.1, 129.5, 220, 310.5, 382.9}},
		"mostly the same": {[]float64{70, 70, 70, 70, 70, 70, 70, 70, 70, 180}, Percentiles{70, 70, 70, 70, 130.5}},
	} {
		got := summarize(test.mgdl...).Percentiles
		for i, percent := range Percents() {
			if !equal(got[i], test.want[i]) {
				t.Errorf("%s: percentile %d is %v, want %v", name, percent, got[i], test.want[i])
			}
		}
		if got.Median() != got[2] {
			t.Errorf("%s: the median is %v, the percentiles %v", name, got.Median(), got)
		}
	}
}
