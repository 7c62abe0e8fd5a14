package simulator

import (
	"math"
	"time"
)

// bump is one push on the glucose: a meal lifts it, a dip in the night lowers it.
type bump struct {
	at   millis
	size float64
}

// plan is what one local day holds: three to five meals and perhaps a dip.
type plan struct {
	meals [5]bump // those not eaten have size 0
	dip   bump
}

// plan is the person's local day number n since 1970-01-01.
func (p *Person) plan(n millis) plan {
	midnight := p.midnight(n)
	var d plan
	for i, m := range []struct {
		usual, spread millis
		skipped, size float64
	}{
		{7*hour + 30*minute, 90 * minute, 0, 1.0},
		{10*hour + 15*minute, 60 * minute, 0.6, 0.5},
		{12*hour + 45*minute, 90 * minute, 0, 1.2},
		{16 * hour, 90 * minute, 0.5, 0.6},
		{19 * hour, 2 * hour, 0, 1.3},
	} {
		key := 5*int64(n) + int64(i)
		d.meals[i].at = midnight + m.usual + p.spread(forMealTime, key, m.spread) - m.spread/2
		if p.chance(forMeal, key) >= m.skipped {
			d.meals[i].size = m.size * p.between(forMealSize, key, 0.6, 1.4)
		}
	}
	d.dip.at = midnight + 150*minute + p.spread(forDipTime, int64(n), 2*hour)
	if u := p.chance(forDip, int64(n)); u < 0.4 {
		d.dip.size = -0.8 - 3*u
	}
	return d
}

// midnight is when the person's local day number n since 1970-01-01 begins.
func (p *Person) midnight(n millis) millis {
	return floor(time.Date(1970, time.January, 1+int(n), 0, 0, 0, 0, p.zone()))
}

// digestion is the effect of a meal of size 1 after x hours: up within the
// hour, down again, and a little too far down by the insulin for it.
func digestion(x float64) float64 {
	const peak, undershoot = 1.4, 3.6
	if x <= 0 || x > 12 {
		return 0
	}
	rise, fall := x/peak, x/undershoot
	return 1.4*rise*rise*math.Exp(2-2*rise) - 0.5*fall*fall*fall*math.Exp(3-3*fall)
}

// dip is the effect of a dip of size 1 at x hours from its middle, which lasts
// three hours and so never reaches over midnight.
func dip(x float64) float64 {
	if math.Abs(x) >= 1.5 {
		return 0
	}
	return (1 + math.Cos(math.Pi*x/1.5)) / 2
}
