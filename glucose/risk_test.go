package glucose

import (
	"math"
	"testing"
)

// Against the function as Kovatchev writes it: r(G) = 10 (1.509 ((ln G)^1.084 - 5.381))².
func TestRiskOfEveryValue(t *testing.T) {
	t.Parallel()
	for mgdl := 1.0; mgdl <= 1000; mgdl += 0.25 {
		f := 1.509 * (math.Pow(math.Log(mgdl), 1.084) - 5.381)
		wantLow, wantHigh := 10*math.Pow(min(0, f), 2), 10*math.Pow(max(0, f), 2)
		low, high := risk(mgdl)
		if math.Abs(low-wantLow) > 1e-11*(1+wantLow) || math.Abs(high-wantHigh) > 1e-11*(1+wantHigh) {
			t.Errorf("%g: %v and %v, want %v and %v", mgdl, low, high, wantLow, wantHigh)
		}
		if low != 0 && high != 0 {
			t.Errorf("%g is both low and high", mgdl)
		}
	}
}

// Kovatchev 2006: the risk is 0 near 112.5 mg/dL, grows to both sides and reaches
// 100 at 20 mg/dL and at 600.
func TestRiskGrowsToBothSides(t *testing.T) {
	t.Parallel()
	for mgdl := 1.0; mgdl < 112; mgdl++ {
		here, _ := risk(mgdl)
		if next, high := risk(mgdl + 1); next >= here && mgdl+1 < 112 || high != 0 {
			t.Errorf("%g: low risk %v, then %v; high %v", mgdl, here, next, high)
		}
	}
	for mgdl := 113.0; mgdl < 1000; mgdl++ {
		_, here := risk(mgdl)
		if low, next := risk(mgdl + 1); next <= here || low != 0 {
			t.Errorf("%g: high risk %v, then %v; low %v", mgdl, here, next, low)
		}
	}
	if low, high := risk(112.5); low+high > 1e-4 {
		t.Errorf("112.5: %v and %v", low, high)
	}
	if low, _ := risk(20); math.Abs(low-100) > 0.5 {
		t.Errorf("20: %v", low)
	}
	if _, high := risk(600); math.Abs(high-100) > 0.5 {
		t.Errorf("600: %v", high)
	}
}
