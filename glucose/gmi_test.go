package glucose

import (
	"math"
	"testing"
)

// The table of Bergenstal 2018.
func TestGMIOfPublishedMeans(t *testing.T) {
	t.Parallel()
	for mean, want := range map[float64]float64{100: 5.7, 125: 6.3, 150: 6.9, 175: 7.5, 200: 8.1, 225: 8.7, 250: 9.3, 300: 10.5, 350: 11.7} {
		if got := math.Round(10*100*summarize(mean).GMI) / 10; got != want {
			t.Errorf("mean %g: %g %%, want %g", mean, got, want)
		}
	}
}
