package simulator

import (
	"math"
	"time"
)

const (
	shift  = 60.0 // mg/dL; the less, the rarer are lows
	lowest = 20.0 // mg/dL; nobody survives less for long
)

// Glucose returns the person's glucose at t in mg/dL, unrounded and without
// the limits of a sensor. It is continuous and defined for all time.
func (p *Person) Glucose(t time.Time) float64 {
	return p.curve().at(floor(t))
}

// curve computes glucose. It keeps the plans of two days, which makes
// neighbouring instants cheap; it is not safe for concurrent use.
type curve struct {
	person        *Person
	middle, width float64  // of the logarithm
	offset        millis   // of the person's clock from UTC when the data begins
	today         millis   // the day that plans[0] is for
	plans         [2]plan  // today and yesterday
	waves         [4]noise // what nobody can explain
}

func (p *Person) curve() *curve {
	mean, swing := p.Mean, p.Swing
	if mean <= 0 {
		mean = 140
	}
	if swing <= 0 {
		swing = 38
	}
	// Glucose is spread like a shifted log-normal variable: highs reach farther than lows.
	variance := math.Log1p(swing * swing / ((mean + shift) * (mean + shift)))
	_, offset := p.since().time().In(p.zone()).Zone()
	return &curve{
		person: p,
		middle: math.Log(mean+shift) - variance/2,
		width:  math.Sqrt(variance),
		offset: millis(offset) * second,
		today:  math.MinInt64,
		waves: [4]noise{
			{p.Seed, forDays, 26 * hour, 0.45},
			{p.Seed, forHours, 5 * hour, 0.5},
			{p.Seed, forTides, 2 * hour, 0.35},
			{p.Seed, forRipples, 40 * minute, 0.1},
		},
	}
}

func (c *curve) at(m millis) float64 {
	// Mean and deviation of the sum below, measured over years and many seeds.
	const mean, deviation = 0.125, 0.764
	mgdl := math.Exp(c.middle+c.width*(c.shape(m)-mean)/deviation) - shift
	return math.Max(mgdl, lowest)
}

// shape is the person's day without a unit.
func (c *curve) shape(m millis) float64 {
	local := m + c.offset
	if n := local.slot(day); n != c.today {
		c.today = n
		c.plans = [2]plan{c.person.plan(n), c.person.plan(n - 1)}
	}
	clock := float64(local) / float64(day)
	sum := 0.3 * math.Sin(2*math.Pi*(clock-0.1))
	for i := range c.plans {
		sum += c.plans[i].at(m)
	}
	for _, w := range c.waves {
		sum += w.at(m)
	}
	return sum
}

func (d *plan) at(m millis) float64 {
	sum := d.dip.size * dip(hours(m-d.dip.at))
	for i := range d.meals {
		if d.meals[i].size > 0 {
			sum += d.meals[i].size * digestion(hours(m-d.meals[i].at))
		}
	}
	return sum
}

func hours(m millis) float64 { return float64(m) / float64(hour) }

// noise is a smooth random wave with a random height at each knot.
type noise struct {
	seed   uint64
	why    purpose
	knot   millis // distance of two knots
	height float64
}

func (n noise) at(m millis) float64 {
	i := m.slot(n.knot)
	x := float64(m-i*n.knot) / float64(n.knot)
	a, b := fraction(draw(n.seed, n.why, int64(i))), fraction(draw(n.seed, n.why, int64(i)+1))
	smooth := x * x * (3 - 2*x)
	return n.height * (2*(a+(b-a)*smooth) - 1)
}
