package glucose

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// every gives samples some time apart.
func every(apart time.Duration, mgdl ...float64) []Sample {
	samples := make([]Sample, 0, len(mgdl))
	for i, value := range mgdl {
		samples = append(samples, Sample{noon().Add(time.Duration(i) * apart), value})
	}
	return samples
}

func TestSlope(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for name, test := range map[string]struct {
		samples []Sample
		want    float64
		ok      bool
	}{
		"none":                  {nil, 0, false},
		"one":                   {every(5*minute, 100), 0, false},
		"two":                   {every(5*minute, 100, 110), 0, false},
		"three on a line":       {every(5*minute, 100, 110, 120), 2, true},
		"falling":               {every(5*minute, 180, 165, 150, 135, 120), -3, true},
		"flat":                  {every(5*minute, 120, 120, 120, 120), 0, true},
		"one minute apart":      {every(minute, 100, 101, 102), 1, true},
		"fractions":             {every(2*minute, 100.25, 100.5, 100.75), 0.125, true},
		"a peak":                {every(5*minute, 100, 120, 100), 0, true},
		"least squares":         {every(5*minute, 100, 100, 130), 3, true},
		"least squares of four": {every(5*minute, 100, 120, 110, 150), 2.8, true},
		"11 minutes apart":      {every(11*minute, 100, 111, 122), 1, true},
		"more than 11 minutes":  {every(11*minute+1, 100, 111, 122), 0, false},
		"one hole": {
			slices.Concat(every(5*minute, 100, 110, 120), []Sample{{noon().Add(21*minute + 1), 140}}), 0, false,
		},
		"one hole at the start": {
			[]Sample{{noon().Add(-12 * minute), 90}, {noon(), 100}, {noon().Add(5 * minute), 110}, {noon().Add(10 * minute), 120}}, 0, false,
		},
		"one instant":            {every(0, 100, 150, 200), 0, false},
		"one instant, one value": {every(0, 100, 100, 100), 0, false},
		"two instants":           {[]Sample{{noon(), 100}, {noon(), 110}, {noon().Add(5 * minute), 120}}, 3, true},
		"two readings at each":   {[]Sample{{noon(), 90}, {noon(), 110}, {noon().Add(5 * minute), 110}, {noon().Add(5 * minute), 130}}, 4, true},
		"a nanosecond apart":     {every(1, 100, 101, 102), 6e10, true},
		"other zones":            {[]Sample{{noon(), 100}, {noon().Add(5 * minute).In(time.FixedZone("", 3600)), 110}, {noon().Add(10 * minute).Local(), 120}}, 2, true},
		"from 1970 to 2099":      {[]Sample{{time.Unix(0, 0), 100}, {noon(), 110}, {noon().AddDate(73, 0, 0), 120}}, 0, false},
		"longer than a Duration": {[]Sample{{time.Time{}, 100}, {noon(), 110}, {noon().Add(minute), 120}}, 0, false},
	} {
		got, ok := Slope(test.samples)
		if ok != test.ok || math.Abs(got-test.want) > 1e-12*math.Max(1, math.Abs(test.want)) {
			t.Errorf("%s: %v, %t; want %v, %t", name, got, ok, test.want, test.ok)
		}
	}
}

// pairwise is the least-squares slope without means: the pairs' own slopes,
// weighted by the squares of the times between them, in exact fractions. scale
// is how large the terms are that cancel in it.
func pairwise(samples []Sample) (slope, scale float64) {
	rise, run, size := new(big.Rat), new(big.Rat), new(big.Rat)
	for i, a := range samples {
		for _, b := range samples[:i] {
			minutes := big.NewRat(int64(a.Time.Sub(b.Time)), int64(time.Minute))
			mgdl := new(big.Rat).Sub(new(big.Rat).SetFloat64(a.MgDL), new(big.Rat).SetFloat64(b.MgDL))
			product := mgdl.Mul(mgdl, minutes)
			rise.Add(rise, product)
			size.Add(size, new(big.Rat).Abs(product))
			run.Add(run, minutes.Mul(minutes, minutes))
		}
	}
	if run.Sign() == 0 {
		return 0, 0
	}
	slope, _ = rise.Quo(rise, run).Float64()
	scale, _ = size.Quo(size, run).Float64()
	return slope, scale
}

// some draws readings as they might come: a few at one instant but never all,
// none more than 11 minutes after the one before.
func some(random *rand.Rand) []Sample {
	at := noon().Add(time.Duration(random.Int64N(int64(50 * 365 * 24 * time.Hour))))
	samples := make([]Sample, 3+random.IntN(10))
	for i := range samples {
		if i == len(samples)-1 || random.IntN(8) > 0 {
			at = at.Add(time.Duration(1 + random.Int64N(int64(11*time.Minute))))
		}
		samples[i] = Sample{at, math.Round(1000*(39+362*random.Float64())) / 1000}
	}
	return samples
}

func TestSlopeAgainstExactFractions(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		samples := some(random)
		want, scale := pairwise(samples)
		got, ok := Slope(samples)
		// Means cancel more digits the further the values are from 0.
		spread := samples[len(samples)-1].Time.Sub(samples[0].Time).Minutes()
		if tolerance := 1e-12 * (scale + 401/spread); !ok || math.Abs(got-want) > tolerance || math.IsNaN(got) {
			t.Fatalf("%v: %v, %t; want %v within %v", samples, got, ok, want, tolerance)
		}
	}
}

// What must hold for every line through points, whatever the points are.
func TestSlopeFollowsItsSamples(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		samples := some(random)
		slope, ok := Slope(samples)
		if !ok {
			t.Fatalf("%v: no slope", samples)
		}
		for name, test := range map[string]struct {
			change func(Sample) Sample
			want   float64
		}{
			"as they are":   {func(s Sample) Sample { return s }, slope},
			"later":         {func(s Sample) Sample { return Sample{s.Time.Add(5 * time.Hour), s.MgDL} }, slope},
			"higher":        {func(s Sample) Sample { return Sample{s.Time, s.MgDL + 100} }, slope},
			"doubled":       {func(s Sample) Sample { return Sample{s.Time, 2 * s.MgDL} }, 2 * slope},
			"upside down":   {func(s Sample) Sample { return Sample{s.Time, -s.MgDL} }, -slope},
			"rising faster": {func(s Sample) Sample { return Sample{s.Time, s.MgDL + 1.5*s.Time.Sub(samples[0].Time).Minutes()} }, slope + 1.5},
		} {
			changed := make([]Sample, 0, len(samples))
			for _, s := range samples {
				changed = append(changed, test.change(s))
			}
			spread := samples[len(samples)-1].Time.Sub(samples[0].Time).Minutes()
			if got, ok := Slope(changed); !ok || math.Abs(got-test.want) > 1e-11*(math.Abs(slope)+1000/spread) {
				t.Errorf("%s: %v, %t; want %v", name, got, ok, test.want)
			}
		}
	}
}

func TestSlopeOfExtremeValues(t *testing.T) {
	t.Parallel()
	for _, unit := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-9, 1, 1e9, 1e150, 1e300} {
		for _, shape := range [][]float64{{1, 2, 3, 4}, {-4, -3, -2, -1}, {1, -1, 1, -1}, {0, 0, 0, 1}, {5, 5, 5, 5}} {
			values := make([]float64, 0, len(shape))
			for _, v := range shape {
				values = append(values, v*unit)
			}
			want, _ := Slope(every(5*time.Minute, shape...))
			got, ok := Slope(every(5*time.Minute, values...))
			// Near the smallest number there are no digits left to compare.
			if !ok || math.Abs(got-want*unit) > 1e-12*unit+math.SmallestNonzeroFloat64 {
				t.Errorf("%v: %v, %t; want %v", values, got, ok, want*unit)
			}
		}
	}
}

func TestSlopeOfALongLine(t *testing.T) {
	t.Parallel()
	const n = 288 * 90
	samples := make([]Sample, n)
	for i := range samples {
		samples[i] = Sample{noon().Add(time.Duration(i) * 5 * time.Minute), 100 + 0.001*float64(i)}
	}
	if got, ok := Slope(samples); !ok || math.Abs(got-0.0002) > 1e-12 {
		t.Errorf("%v, %t; want 0.0002", got, ok)
	}
}

func TestSlopeLeavesItsSamplesAlone(t *testing.T) {
	t.Parallel()
	samples := every(5*time.Minute, 100, 130, 90)
	before := slices.Clone(samples)
	_, _ = Slope(samples)
	if !slices.Equal(samples, before) {
		t.Errorf("%v became %v", before, samples)
	}
}

// Three readings at any times: in order or not, there is a number or there is none.
func FuzzSlope(f *testing.F) {
	f.Add(int64(0), int64(0), 100.0, 100.0, 100.0)
	f.Add(int64(1), int64(1), 39.0, 401.0, 40.0)
	f.Add(int64(5*time.Minute), int64(11*time.Minute), 100.0, 110.0, 120.0)
	f.Add(int64(-5*time.Minute), int64(5*time.Minute), 100.0, 110.0, 120.0)
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), 100.0, 110.0, 120.0)
	f.Fuzz(func(t *testing.T, first, second int64, a, b, c float64) {
		for _, mgdl := range []float64{a, b, c} {
			if !(mgdl >= 39 && mgdl <= 401) {
				return
			}
		}
		middle := noon().Add(time.Duration(first))
		slope, ok := Slope([]Sample{{noon(), a}, {middle, b}, {middle.Add(time.Duration(second)), c}})
		if math.IsNaN(slope) || math.IsInf(slope, 0) || !ok && slope != 0 {
			t.Errorf("%v, %t", slope, ok)
		}
		if widest := int64(11 * time.Minute); ok && (first > widest || second > widest) {
			t.Error("a line through a hole")
		}
	})
}

func BenchmarkSlope(b *testing.B) {
	samples := every(5*time.Minute, 120, 126, 133, 139, 144)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Slope(samples); !ok {
			b.Fatal("no slope")
		}
	}
}
