package glucose

import (
	"math"
	"testing"
)

func TestTargetsOfTheConsensus(t *testing.T) {
	t.Parallel()
	type limits [6]string // target, below, very low, above, very high, CV
	for name, test := range map[string]struct {
		bounds Bounds
		want   limits
	}{
		"standard":    {StandardBounds(), limits{">70 %", "<4 %", "<1 %", "<25 %", "<5 %", "≤36 %"}},
		"older_adult": {StandardBounds(), limits{">50 %", "<1 %", "", "", "<10 %", "≤36 %"}},
		"pregnancy":   {PregnancyBounds(), limits{">70 %", "<4 %", "<1 %", "<25 %", "", "≤36 %"}},
	} {
		targets, known := TargetsOf(name)
		if !known || targets.Bounds != test.bounds {
			t.Errorf("%s: %+v, %t", name, targets, known)
		}
		for i, limit := range []Limit{targets.Target, targets.Below, targets.VeryLow, targets.Above, targets.VeryHigh, targets.CV} {
			if limit.String() != test.want[i] || limit.Exists() != (test.want[i] != "") {
				t.Errorf("%s: limit %d is %q, want %q", name, i, limit, test.want[i])
			}
		}
	}
	for _, name := range []string{"", "Standard", "older adult", "gestational"} {
		if targets, known := TargetsOf(name); known || targets != (Targets{}) {
			t.Errorf("%q: %+v, %t", name, targets, known)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit Limit
		ratio float64
		met   bool
	}{
		{over(70), 0.7, false},
		{over(70), math.Nextafter(0.7, 1), true},
		{over(70), 1, true},
		{over(70), 0, false},
		{under(4), 0.04, false},
		{under(4), math.Nextafter(0.04, 0), true},
		{under(4), 0, true},
		{under(1), 0.01, false},
		{atMost(36), 0.36, true},
		{atMost(36), math.Nextafter(0.36, 1), false},
		{over(70), math.NaN(), false},
		{under(4), math.NaN(), false},
		{Limit{}, 0, true},
		{Limit{}, 1, true},
	} {
		if got := test.limit.Met(test.ratio); got != test.met {
			t.Errorf("%v is met by %v: %t", test.limit, test.ratio, got)
		}
	}
	if ratio := over(70).Ratio(); ratio != 0.7 {
		t.Errorf("70 %% is %v", ratio)
	}
}

// A share of exactly the limit does not keep it, and one reading decides, whatever
// the number of readings.
func TestLimitsHaveNoRounding(t *testing.T) {
	t.Parallel()
	targets := StandardTargets()
	for n := 1; n <= 260; n++ {
		for name, test := range map[string]struct {
			limit         Limit
			ranges        []Range
			percent, step int // from the limit to what keeps it
		}{
			"target":    {targets.Target, []Range{Target}, 70, 1},
			"below":     {targets.Below, []Range{VeryLow, Low}, 4, -1},
			"very low":  {targets.VeryLow, []Range{VeryLow}, 1, -1},
			"above":     {targets.Above, []Range{High, VeryHigh}, 25, -1},
			"very high": {targets.VeryHigh, []Range{VeryHigh}, 5, -1},
		} {
			within := test.percent * n
			if limit := counts(within, 100*n, test.ranges); test.limit.Met(limit.Share(test.ranges...)) {
				t.Errorf("%v: %s keeps its limit", limit, name)
			}
			if kept := counts(within+test.step, 100*n, test.ranges); !test.limit.Met(kept.Share(test.ranges...)) {
				t.Errorf("%v: %s does not keep its limit", kept, name)
			}
		}
	}
}

// counts has some of all readings in ranges, most of them in the first, and the
// rest elsewhere.
func counts(within, all int, ranges []Range) Counts {
	var c Counts
	for _, r := range ranges[1:] {
		c[r]++
		within--
	}
	c[ranges[0]] += within
	elsewhere := (ranges[0] + 2) % 5
	c[elsewhere] = all - c.Total()
	return c
}
