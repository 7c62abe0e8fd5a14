package simulator

import (
	"math"
	"regexp"
	"testing"
)

func TestDrawIsUniformAndIndependent(t *testing.T) {
	t.Parallel()
	const n = 20000
	p := &Person{Seed: 1}
	var sum, product float64
	for i := range int64(n) {
		x := p.chance(forLoss, i)
		if x < 0 || x >= 1 {
			t.Fatalf("chance %v is outside [0, 1)", x)
		}
		sum += x
		product += (x - 0.5) * (p.chance(forLoss, i+1) - 0.5)
		product += (x - 0.5) * (p.chance(forDrift, i) - 0.5)
	}
	if mean := sum / n; math.Abs(mean-0.5) > 0.01 {
		t.Errorf("mean %v, want 0.5", mean)
	}
	if c := product / n; math.Abs(c) > 0.003 {
		t.Errorf("neighbours are correlated: %v", c)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 1}
	seen := make(map[millis]bool)
	for i := range int64(100) {
		x := p.spread(forJitter, i, 2*second)
		if x != 0 && x != second {
			t.Fatalf("spread of 2 s gave %d ms", x)
		}
		seen[x] = true
	}
	if len(seen) != 2 {
		t.Errorf("got %v, want both values", seen)
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	hash := regexp.MustCompile(`^[0-9a-f]{64}$`)
	seen := make(map[string]bool)
	for i := range int64(1000) {
		id, long := uuid(1, forRecord, i), hash64(1, forUser, i)
		if !form.MatchString(id) || !hash.MatchString(long) {
			t.Fatalf("got %q and %q", id, long)
		}
		seen[id], seen[long] = true, true
	}
	if len(seen) != 2000 {
		t.Errorf("got %d different ids of 2000", len(seen))
	}
}
