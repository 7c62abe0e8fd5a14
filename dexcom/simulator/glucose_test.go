package simulator

import (
	"math"
	"testing"
	"time"
)

func TestGlucoseHasMeanAndSwing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mean, swing, wantMean, wantSwing float64 }{
		{0, 0, 140, 38}, {110, 20, 110, 20}, {180, 70, 180, 70},
	} {
		var n, sum, squares float64
		for seed := range uint64(8) {
			curve := (&Person{Seed: seed, Mean: c.mean, Swing: c.swing}).curve()
			for m := floor(noon()); m < floor(noon())+60*day; m += 20 * minute {
				g := curve.at(m)
				n, sum, squares = n+1, sum+g, squares+g*g
			}
		}
		mean := sum / n
		swing := math.Sqrt(squares/n - mean*mean)
		if math.Abs(mean-c.wantMean) > 0.05*c.wantMean || math.Abs(swing-c.wantSwing) > 0.15*c.wantSwing {
			t.Errorf("asked %v and %v: mean %v, swing %v", c.mean, c.swing, mean, swing)
		}
	}
}

// Both changes of the clock are among the days: a careless curve would jump.
func TestGlucoseIsContinuous(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		c := p.curve()
		for _, start := range []millis{floor(noon()), floor(noon()) + 230*day} {
			last := c.shape(start)
			for m := start + minute; m < start+20*day; m += minute {
				x := c.shape(m)
				if math.Abs(x-last) > 0.08 { // of about 6 in all
					t.Fatalf("jumps from %v to %v at %v", last, x, m.time())
				}
				last = x
			}
		}
	})
}

func TestGlucoseDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 3, Zone: zone(t, "America/New_York")}
	c := p.curve()
	for m := floor(noon()); m < floor(noon())+10*day; m += 7 * hour {
		c.at(m + 3*day)
		if a, b := c.at(m), p.Glucose(m.time()); a != b {
			t.Fatalf("at %v: %v or %v", m.time(), a, b)
		}
	}
}

func TestGlucoseFollowsTheDay(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 12, Zone: zone(t, "Asia/Tokyo")}
	c := p.curve()
	var night, evening float64
	for n := range 100 {
		midnight := time.Date(2025, 1, n, 0, 0, 0, 0, p.Zone)
		night += c.at(floor(midnight.Add(4 * time.Hour)))
		evening += c.at(floor(midnight.Add(20 * time.Hour)))
	}
	if evening < 1.15*night {
		t.Errorf("after dinner %v on average, at night %v", evening/100, night/100)
	}
}

func TestRatesArePlausible(t *testing.T) {
	t.Parallel()
	var steep, rated int
	for seed := range uint64(8) {
		for _, r := range (&Person{Seed: seed}).Readings(noon(), noon().AddDate(0, 0, 20)) {
			if r.HasRate {
				rated++
			}
			if math.Abs(r.TrendRate) >= 3 {
				steep++
			}
			if math.Abs(r.TrendRate) > 8 {
				t.Fatalf("rate %v at %v", r.TrendRate, r.SystemTime)
			}
		}
	}
	if part := float64(steep) / float64(rated); part > 0.01 {
		t.Errorf("%v of all rates are 3 mg/dL/min or more", part)
	}
}

func TestBigSwingBringsLowAndHigh(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		low, high := 0, 0
		p := &Person{Seed: seed, Mean: 170, Swing: 95}
		readings := p.Readings(noon(), noon().AddDate(0, 0, 30))
		for _, r := range readings {
			switch {
			case r.Value < Low || r.Value > High:
				t.Fatalf("value %d", r.Value)
			case r.Value == Low:
				low++
			case r.Value == High:
				high++
			}
		}
		if low == 0 || high == 0 || low+high > len(readings)/5 {
			t.Errorf("seed %d: %d LOW and %d HIGH of %d", seed, low, high, len(readings))
		}
	}
}
