package simulator

import (
	"math"
	"testing"
)

func TestTrendBands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate float64
		want string
	}{
		{8.1, "rateOutOfRange"},
		{8, "doubleUp"},
		{3, "doubleUp"},
		{2.9, "singleUp"},
		{2, "singleUp"},
		{1.9, "fortyFiveUp"},
		{1, "fortyFiveUp"},
		{0.9, "flat"},
		{0, "flat"},
		{-0.9, "flat"},
		{-1, "fortyFiveDown"},
		{-1.9, "fortyFiveDown"},
		{-2, "singleDown"},
		{-2.9, "singleDown"},
		{-3, "doubleDown"},
		{-8, "doubleDown"},
		{-8.1, "rateOutOfRange"},
	} {
		if got := trend(c.rate); got != c.want {
			t.Errorf("%v is %s, want %s", c.rate, got, c.want)
		}
	}
}

func TestTrendRateIsTheSlope(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 2}
	for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 3)) {
		if !r.HasRate {
			continue
		}
		before := p.Glucose(r.SystemTime.Add(-trendSpan.duration()))
		slope := (p.Glucose(r.SystemTime) - before) / 15
		if math.Abs(r.TrendRate-slope) > 0.0501 {
			t.Fatalf("at %v: rate %v, slope %v", r.SystemTime, r.TrendRate, slope)
		}
		if math.Signbit(r.TrendRate) && r.TrendRate == 0 {
			t.Fatal("a rate of -0 would be sent as such")
		}
	}
}
