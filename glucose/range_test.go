package glucose_test

import (
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func TestEveryValueFallsIntoOneRange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bounds glucose.Bounds
		firsts [5]float64 // the lowest value of each range, to a thousandth
	}{
		"standard":  {glucose.StandardBounds(), [5]float64{39, 54, 70, 180.001, 250.001}},
		"pregnancy": {glucose.PregnancyBounds(), [5]float64{39, 54, 63, 140.001, 250.001}},
	} {
		for i, want := range glucose.Ranges() {
			if got := test.bounds.Range(test.firsts[i]); got != want {
				t.Errorf("%s: %g is %v, want %v", name, test.firsts[i], got, want)
			}
			if i == 0 {
				continue
			}
			if below := test.firsts[i] - 0.001; test.bounds.Range(below) != glucose.Ranges()[i-1] {
				t.Errorf("%s: %g is %v, want %v", name, below, test.bounds.Range(below), glucose.Ranges()[i-1])
			}
		}
	}
	if got := glucose.StandardBounds().Range(401); got != glucose.VeryHigh {
		t.Errorf("HIGH is %v", got)
	}
}

func TestRangesHaveTheirNames(t *testing.T) {
	t.Parallel()
	for i, want := range []string{"very_low", "low", "target", "high", "very_high"} {
		if got := glucose.Ranges()[i].String(); got != want {
			t.Errorf("range %d is %s, want %s", i, got, want)
		}
	}
}
