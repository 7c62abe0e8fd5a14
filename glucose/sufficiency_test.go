package glucose

import (
	"math"
	"testing"
	"time"
)

const days = 24 * time.Hour

func TestActiveRatio(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		readings int
		window   time.Duration
		want     float64
	}{
		{0, days, 0},
		{1, days, 1.0 / 288},
		{144, days, 0.5},
		{288, days, 1},
		{289, days, 1},
		{math.MaxInt, 1, 1},
		{2016, 14 * days, 0.5},
		{25920, 90 * days, 1},
		{12, time.Hour, 1},
		{276, 23 * time.Hour, 1},
		{-1, days, 0},
		{100, 0, 0},
		{100, -days, 0},
		{0, 0, 0},
	} {
		if got := ActiveRatio(test.readings, test.window); got != test.want {
			t.Errorf("%d readings in %v: %v, want %v", test.readings, test.window, got, test.want)
		}
	}
}

func TestSufficiency(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		readings     int
		window       time.Duration
		summary, gmi bool
	}{
		{0, days, false, false},
		{143, days, false, false},
		{144, days, true, false},
		{288, days, true, false},
		{144, time.Hour, true, false},
		{12, time.Hour, false, false},
		{1007, 7 * days, false, false},
		{1008, 7 * days, true, false},
		{2015, 14 * days, false, false},
		{2016, 14 * days, true, false},
		{2822, 14 * days, true, false}, // 69.99 %
		{2823, 14 * days, true, true},
		{4032, 14 * days, true, true},
		{4032, 14*days - time.Hour, true, true}, // the clock went forward
		{4032, 14*days - time.Hour - 1, true, false},
		{4032, 14*days + time.Hour, true, true},
		{4032, 13 * days, true, false},
		{4032, 28 * days, true, false},
		{6047, 30 * days, true, false},
		{6048, 30 * days, true, true}, // 70 % exactly
		{12959, 90 * days, false, false},
		{18143, 90 * days, true, false},
		{18144, 90 * days, true, true},
		{math.MaxInt, 90 * days, true, true},
		{4032, 0, false, false},
		{-4032, 14 * days, false, false},
	} {
		if got := SufficientForSummary(test.readings, test.window); got != test.summary {
			t.Errorf("%d readings in %v: for a summary %t", test.readings, test.window, got)
		}
		if got := SufficientForGMI(test.readings, test.window); got != test.gmi {
			t.Errorf("%d readings in %v: for GMI %t", test.readings, test.window, got)
		}
	}
}

// In whole numbers, over every number of readings that a window can have.
func TestSufficiencyHasNoRoundingAtItsLimits(t *testing.T) {
	t.Parallel()
	for length := 1; length <= 90; length++ {
		window, most := time.Duration(length)*days, 288*length
		for n := range most + 1 {
			if got, want := SufficientForSummary(n, window), n >= 144 && 2*n >= most; got != want {
				t.Fatalf("%d readings in %d days: for a summary %t", n, length, got)
			}
			if got, want := SufficientForGMI(n, window), length >= 14 && 10*n >= 7*most; got != want {
				t.Fatalf("%d readings in %d days: for GMI %t", n, length, got)
			}
		}
	}
}
