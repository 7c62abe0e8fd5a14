package glucose

import "testing"

func TestGRIWeighsEachRangeOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		counts Counts
		want   float64
	}{
		"none":             {Counts{}, 0},
		"all in target":    {Counts{0, 0, 288, 0, 0}, 0},
		"1 % very low":     {Counts{1, 0, 99, 0, 0}, 3},
		"1 % low":          {Counts{0, 1, 99, 0, 0}, 2.4},
		"1 % high":         {Counts{0, 0, 99, 1, 0}, 0.8},
		"1 % very high":    {Counts{0, 0, 99, 0, 1}, 1.6},
		"some of each":     {Counts{10, 20, 720, 200, 50}, 3 + 4.8 + 16 + 8},
		"just below 100":   {Counts{333, 0, 667, 0, 0}, 99.9},
		"no more than 100": {Counts{1000, 0, 0, 0, 0}, 100},
		"all high":         {Counts{0, 0, 0, 7, 0}, 80},
	} {
		if got := gri(test.counts); !equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// In pregnancy 150 mg/dL is high, which is a matter of the bounds.
func TestGRIIsOfThePersonsRanges(t *testing.T) {
	t.Parallel()
	samples := every(Interval, 65, 100, 100, 150)
	if got := Summarize(samples, StandardBounds(), nil).GRI; !equal(got, 60) {
		t.Errorf("standard: %v, want 60", got)
	}
	if got := Summarize(samples, PregnancyBounds(), nil).GRI; !equal(got, 20) {
		t.Errorf("pregnancy: %v, want 20", got)
	}
}
