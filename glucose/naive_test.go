package glucose

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"
)

// naively computes a summary by the book: a sorted copy, exact fractions, one
// percentage after the other.
func naively(samples []Sample, b Bounds) Summary {
	var values []float64
	for _, s := range samples {
		if !math.IsNaN(s.MgDL) && 1 <= s.MgDL && s.MgDL <= 1000 {
			values = append(values, s.MgDL)
		}
	}
	if values == nil {
		return Summary{}
	}
	sort.Float64s(values)
	n := big.NewRat(int64(len(values)), 1)
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	mean := sum.Quo(sum, n)
	squares := new(big.Rat)
	for _, v := range values {
		distance := new(big.Rat).Sub(new(big.Rat).SetFloat64(v), mean)
		squares.Add(squares, distance.Mul(distance, distance))
	}
	sd := new(big.Float).SetPrec(200).SetRat(squares.Quo(squares, n))
	s := Summary{Readings: len(values), Min: values[0], Max: values[len(values)-1]}
	s.Mean, _ = mean.Float64()
	s.SD, _ = sd.Sqrt(sd).Float64()
	s.CV = s.SD / s.Mean
	for i, p := range []int64{5, 25, 50, 75, 95} {
		s.Percentiles[i] = naiveQuantile(values, big.NewRat(p, 100))
	}
	for _, v := range values {
		f := 1.509 * (math.Pow(math.Log(v), 1.084) - 5.381)
		if f < 0 {
			s.LBGI += 10 * f * f / float64(len(values))
		} else {
			s.HBGI += 10 * f * f / float64(len(values))
		}
	}
	within := func(from, to float64) float64 { // percent of from <= v < to
		return 100 * float64(sort.SearchFloat64s(values, to)-sort.SearchFloat64s(values, from)) / float64(len(values))
	}
	above := func(bound float64) float64 { return math.Nextafter(bound, 1e9) }
	percent := [...]float64{
		within(0, b.VeryLow), within(b.VeryLow, b.Low), within(b.Low, above(b.High)), within(above(b.High), above(b.VeryHigh)), within(above(b.VeryHigh), 1e9),
	}
	for i, p := range percent {
		s.Ranges[i] = int(math.Round(p / 100 * float64(len(values))))
	}
	s.GMI = 0.0331 + 0.0002392*s.Mean
	s.GRI = math.Min(100, 3*percent[0]+2.4*percent[1]+1.6*percent[4]+0.8*percent[3])
	return s
}

// naiveQuantile is type 7 on sorted values, as R's documentation has it.
func naiveQuantile(sorted []float64, p *big.Rat) float64 {
	h := new(big.Rat).Mul(p, big.NewRat(int64(len(sorted)-1), 1))
	floor := new(big.Int).Quo(h.Num(), h.Denom())
	part := h.Sub(h, new(big.Rat).SetInt(floor))
	i := int(floor.Int64())
	low, high := new(big.Rat).SetFloat64(sorted[i]), new(big.Rat).SetFloat64(sorted[min(i+1, len(sorted)-1)])
	quantile, _ := low.Add(low, part.Mul(part, high.Sub(high, low))).Float64()
	return quantile
}

// compare fails the test unless two summaries agree, but for the last digits of what
// is rounded.
func compare(t *testing.T, got, want Summary) {
	t.Helper()
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-11*(1+math.Abs(b)) } // NaN is near nothing
	same := got.Readings == want.Readings && got.Min == want.Min && got.Max == want.Max && got.Ranges == want.Ranges
	for i := range got.Percentiles {
		same = same && near(got.Percentiles[i], want.Percentiles[i])
	}
	for _, pair := range [][2]float64{
		{got.Mean, want.Mean},
		{got.SD, want.SD},
		{got.CV, want.CV},
		{got.LBGI, want.LBGI},
		{got.HBGI, want.HBGI},
		{got.GMI, want.GMI},
		{got.GRI, want.GRI},
	} {
		same = same && near(pair[0], pair[1])
	}
	if !same {
		t.Fatalf("%+v, want %+v", got, want)
	}
}

// invariants are what holds for the figures of any readings.
func invariants(t *testing.T, s Summary) {
	t.Helper()
	if s.Readings == 0 {
		if s != (Summary{}) {
			t.Fatalf("no readings: %+v", s)
		}
		return
	}
	last := s.Min
	for _, p := range append(s.Percentiles[:], s.Max) {
		if p < last {
			t.Fatalf("the percentiles do not ascend: %+v", s)
		}
		last = p
	}
	var shares float64
	for _, r := range Ranges() {
		shares += s.Ranges.Share(r)
	}
	if math.Abs(shares-1) > 4e-16 || s.Ranges.Total() != s.Readings {
		t.Fatalf("the ranges add up to %v: %+v", shares, s)
	}
	if !(s.Min <= s.Mean && s.Mean <= s.Max && s.SD >= 0 && s.SD <= (s.Max-s.Min)/2+1e-12 && s.LBGI >= 0 && s.HBGI >= 0 && s.GRI >= 0 && s.GRI <= 100) {
		t.Fatalf("out of bounds: %+v", s)
	}
}

// values draws numbers of every shape that a history might have, or should not.
func values(random *rand.Rand) []float64 {
	shapes := []func() float64{
		func() float64 { return 39 + float64(random.IntN(363)) },
		func() float64 { return math.Round(1000*(39+362*random.Float64())) / 1000 },
		func() float64 { return math.Round(MgDLPerMmolL*float64(22+random.IntN(201))*100) / 1000 },
		func() float64 { return 1 + 999*random.Float64() },
		func() float64 { return 112.5 + random.Float64()/1000 },
		func() float64 { return float64(39 + 362*random.IntN(2)) },
		func() float64 {
			return []float64{54, 63, 70, 140, 180, 250}[random.IntN(6)] + float64(random.IntN(3)-1)/1000
		},
		func() float64 { return []float64{math.NaN(), math.Inf(1), 0, -5, 1, 1000, 1001, 1e300}[random.IntN(8)] },
	}
	mix := make([]func() float64, 1+random.IntN(3))
	for i := range mix {
		mix[i] = shapes[random.IntN(len(shapes))]
	}
	drawn := make([]float64, random.IntN(1<<random.IntN(11)))
	for i := range drawn {
		drawn[i] = mix[random.IntN(len(mix))]()
	}
	return drawn
}

func TestSummaryAgainstNaiveOne(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(15, 16))
	scratch := make([]float64, 500)
	for range 1000 {
		samples := every(Interval, values(random)...)
		bounds := []Bounds{StandardBounds(), PregnancyBounds()}[random.IntN(2)]
		got := Summarize(samples, bounds, scratch)
		invariants(t, got)
		compare(t, got, naively(samples, bounds))
	}
}

// Any bits as values, and any as thousandths of mg/dL.
func FuzzSummarize(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add([]byte{1}, true)
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN())), false)
	for _, v := range vectors() {
		var bits, thousandths []byte
		for _, mgdl := range v.mgdl {
			bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(mgdl))
			thousandths = binary.LittleEndian.AppendUint32(thousandths, uint32(1000*mgdl))
		}
		f.Add(bits, false)
		f.Add(thousandths, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, thousandths bool) {
		var mgdl []float64
		for !thousandths && len(data) >= 8 {
			mgdl, data = append(mgdl, math.Float64frombits(binary.LittleEndian.Uint64(data))), data[8:]
		}
		for len(data) >= 4 {
			mgdl, data = append(mgdl, float64(binary.LittleEndian.Uint32(data)%1_100_000)/1000), data[4:]
		}
		samples := every(Interval, mgdl...)
		got := Summarize(samples, StandardBounds(), nil)
		invariants(t, got)
		compare(t, got, naively(samples, StandardBounds()))
	})
}
