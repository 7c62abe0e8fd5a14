package glucose

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSharesOfRanges(t *testing.T) {
	t.Parallel()
	c := Counts{1, 3, 72, 20, 4}
	for i, test := range []struct{ got, want float64 }{
		{c.Share(VeryLow), 0.01},
		{c.Share(Low), 0.03},
		{c.Share(Target), 0.72},
		{c.Share(High), 0.2},
		{c.Share(VeryHigh), 0.04},
		{c.Below(), 0.04},
		{c.Above(), 0.24},
		{c.Share(), 0},
		{c.Share(Low, Low), 0.03},
		{c.Share(Ranges()...), 1},
		{c.Share(Range(5)), 0},
		{Counts{}.Share(Target), 0},
		{Counts{}.Below(), 0},
		{Counts{0, 0, 1, 0, 0}.Share(Target), 1},
	} {
		if test.got != test.want { // to the last bit: limits are compared with it
			t.Errorf("%d: %v, want %v", i, test.got, test.want)
		}
	}
}

func TestSharesAddUpToOne(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(17, 18))
	for range 100_000 {
		var c Counts
		for i := range c {
			c[i] = random.IntN(1 << random.IntN(16))
		}
		if c.Total() == 0 {
			continue
		}
		var sum float64
		for _, r := range Ranges() {
			sum += c.Share(r)
		}
		if math.Abs(sum-1) > 4e-16 {
			t.Fatalf("%v: the shares add up to %v", c, sum)
		}
	}
}
