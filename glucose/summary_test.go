package glucose

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// equal says whether two numbers agree to the last digits that a published figure has.
func equal(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-9*math.Abs(want)
}

func summarize(mgdl ...float64) Summary {
	return Summarize(every(Interval, mgdl...), StandardBounds(), nil)
}

// vector is glucose with its published figures.
type vector struct {
	mgdl                                  []float64
	mean, sdOfSample, sd, gmiPercent      float64
	percentiles                           [4]float64 // 5, 25, 75, 95
	below54, below70, in, above, above250 float64    // %
	lbgi2277, hbgi2277, gri, min, max     float64
}

// vectors have the figures that the R package iglu 4.3.0 computes. It divides the
// variance by n-1, has 22.77 in LBGI and HBGI and gives cumulative percentages.
func vectors() map[string]vector {
	return map[string]vector{
		"four": {
			[]float64{100, 120, 150, 200},
			142.5, 43.493294502, 37.666297933, 6.7186,
			[4]float64{103, 115, 162.5, 192.5},
			0, 0, 75, 25, 0, 0.1205084944, 3.6585031961, 20, 100, 200,
		},
		"all bounds": {
			[]float64{53, 54, 69, 70, 180, 181, 250, 251},
			138.5, 86.676739341, 81.078665504, 6.62292,
			[4]float64{53.35, 65.25, 198.25, 250.65},
			12.5, 37.5, 25, 37.5, 12.5, 6.7314008667, 7.5924169108, 100, 53, 251,
		},
		"LOW to HIGH": {
			[]float64{39, 40, 55, 70, 112, 113, 180, 250, 400, 401},
			166, 140.03967691, 132.85330255, 7.28072,
			[4]float64{39.45, 58.75, 232.5, 400.55},
			20, 30, 40, 30, 20, 9.9928520001, 14.448019731, 100, 39, 401,
		},
	}
}

func TestSummaryOfPublishedVectors(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		s := summarize(v.mgdl...)
		n := float64(len(v.mgdl))
		for figure, numbers := range map[string][2]float64{
			"n":                      {float64(s.Readings), n},
			"mean":                   {s.Mean, v.mean},
			"min":                    {s.Min, v.min},
			"max":                    {s.Max, v.max},
			"SD":                     {s.SD, v.sd},
			"SD of a sample":         {s.SD * math.Sqrt(n/(n-1)), v.sdOfSample},
			"CV":                     {s.CV, v.sd / v.mean},
			"GMI":                    {s.GMI, v.gmiPercent / 100},
			"5th percentile":         {s.Percentiles[0], v.percentiles[0]},
			"25th percentile":        {s.Percentiles[1], v.percentiles[1]},
			"75th percentile":        {s.Percentiles[3], v.percentiles[2]},
			"95th percentile":        {s.Percentiles[4], v.percentiles[3]},
			"below 54":               {s.Ranges.Share(VeryLow), v.below54 / 100},
			"below 70":               {s.Ranges.Below(), v.below70 / 100},
			"in the target range":    {s.Ranges.Share(Target), v.in / 100},
			"above 180":              {s.Ranges.Above(), v.above / 100},
			"above 250":              {s.Ranges.Share(VeryHigh), v.above250 / 100},
			"LBGI as iglu writes it": {s.LBGI * 22.77 / 22.77081, v.lbgi2277},
			"HBGI as iglu writes it": {s.HBGI * 22.77 / 22.77081, v.hbgi2277},
			"GRI":                    {s.GRI, v.gri},
		} {
			if !equal(numbers[0], numbers[1]) {
				t.Errorf("%s: %s is %.12g, want %.12g", name, figure, numbers[0], numbers[1])
			}
		}
	}
}

func TestSummaryOfNothing(t *testing.T) {
	t.Parallel()
	for name, mgdl := range map[string][]float64{
		"no samples":        nil,
		"no glucose values": {math.NaN(), math.Inf(1), math.Inf(-1), 0, -100, 0.999, 1000.001, math.MaxFloat64, math.SmallestNonzeroFloat64},
	} {
		if got := summarize(mgdl...); got != (Summary{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNoReadingCountsNowhere(t *testing.T) {
	t.Parallel()
	want := summarize(39, 120, 401)
	if got := summarize(math.NaN(), 39, math.Inf(1), 120, 0, 401, 1e308, -1); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if extremes := summarize(1, 1000); extremes.Readings != 2 || math.IsNaN(extremes.LBGI) {
		t.Errorf("1 and 1000 mg/dL: %+v", extremes)
	}
}

// Whatever the number of equal values, no rounding shows.
func TestConstantGlucose(t *testing.T) {
	t.Parallel()
	for _, mgdl := range []float64{1, 39, 53.999, 70, 100.1, 112.501, 117.101, 180.001, 401, 1000} {
		for _, n := range []int{1, 2, 3, 7, 10, 49, 288, 4032} {
			s := summarize(slices.Repeat([]float64{mgdl}, n)...)
			if s.Readings != n || s.Mean != mgdl || s.Min != mgdl || s.Max != mgdl || s.SD != 0 || s.CV != 0 {
				t.Errorf("%d times %g: %+v", n, mgdl, s)
			}
			if s.Percentiles != (Percentiles{mgdl, mgdl, mgdl, mgdl, mgdl}) || s.Percentiles.Median() != mgdl {
				t.Errorf("%d times %g: percentiles %v", n, mgdl, s.Percentiles)
			}
			if s.Ranges[StandardBounds().Range(mgdl)] != n || s.Ranges.Total() != n {
				t.Errorf("%d times %g: ranges %v", n, mgdl, s.Ranges)
			}
		}
	}
}

func TestSummaryOfTheBounds(t *testing.T) {
	t.Parallel()
	values := []float64{39, 53.999, 54, 69.999, 70, 180, 180.001, 250, 250.001, 401}
	if got := summarize(values...).Ranges; got != (Counts{2, 2, 2, 2, 2}) {
		t.Errorf("standard: %v", got)
	}
	values = []float64{53.999, 54, 62.999, 63, 70, 140, 140.001, 180, 250, 250.001}
	if got := Summarize(every(Interval, values...), PregnancyBounds(), nil).Ranges; got != (Counts{1, 2, 3, 3, 1}) {
		t.Errorf("pregnancy: %v", got)
	}
}

// The same readings in another order, several times over or elsewhere in time have the same figures.
func TestSummaryOfTheSameReadings(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		samples := day(random, 1+random.IntN(600))
		want := Summarize(samples, StandardBounds(), nil)
		shuffled := slices.Clone(samples)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for i := range shuffled {
			shuffled[i].Time = time.Time{}
		}
		if got := Summarize(shuffled, StandardBounds(), nil); got != want {
			t.Fatalf("in another order: %+v, want %+v", got, want)
		}
		thrice := Summarize(slices.Repeat(samples, 3), StandardBounds(), nil)
		if thrice.Readings != 3*want.Readings || !equal(thrice.Mean, want.Mean) || !equal(thrice.SD, want.SD) ||
			!equal(thrice.LBGI, want.LBGI) || !equal(thrice.HBGI, want.HBGI) || !equal(thrice.GRI, want.GRI) {
			t.Fatalf("three times: %+v, want %+v", thrice, want)
		}
	}
}

// Whatever is in scratch, or however small it is.
func TestScratchIsOnlyRoom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	samples := day(random, 288)
	before := slices.Clone(samples)
	summary, profile := Summarize(samples, StandardBounds(), nil), ProfileOf(samples, nil)
	for _, scratch := range [][]float64{{}, make([]float64, 100), make([]float64, 288), slices.Repeat([]float64{math.NaN()}, 300), make([]float64, 0, 288)} {
		if got := Summarize(samples, StandardBounds(), scratch); got != summary {
			t.Errorf("scratch of %d: %+v, want %+v", cap(scratch), got, summary)
		}
		if got := ProfileOf(samples, scratch); got != profile {
			t.Errorf("scratch of %d: %+v, want %+v", cap(scratch), got, profile)
		}
	}
	if !slices.Equal(samples, before) {
		t.Error("the samples changed")
	}
}

func TestScratchSavesTheAllocation(t *testing.T) { // alone: it counts everybody's allocations
	samples := day(rand.New(rand.NewPCG(9, 10)), 4032)
	scratch := make([]float64, len(samples))
	if n := testing.AllocsPerRun(10, func() { Summarize(samples, StandardBounds(), scratch) }); n != 0 {
		t.Errorf("Summarize allocates %g times", n)
	}
	if n := testing.AllocsPerRun(10, func() { ProfileOf(samples, scratch) }); n != 0 {
		t.Errorf("ProfileOf allocates %g times", n)
	}
}

// day draws readings as a person has them: a walk in whole mg/dL, LOW and HIGH
// where the sensor ends.
func day(random *rand.Rand, n int) []Sample {
	samples := make([]Sample, n)
	mgdl, mean := 150.0, 60+200*random.Float64()
	for i := range samples {
		mgdl += 8*random.NormFloat64() + (mean-mgdl)/40
		samples[i] = Sample{noon().Add(time.Duration(i) * Interval), math.Round(min(max(mgdl, 39), 401))}
	}
	return samples
}

func BenchmarkSummarize(b *testing.B) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, days := range []int{1, 14, 90} {
		whole := day(random, 288*days)
		thousandths := slices.Clone(whole)
		for i := range thousandths {
			thousandths[i].MgDL += math.Round(999*random.Float64()) / 1000
		}
		scratch := make([]float64, len(whole))
		for i, samples := range [][]Sample{whole, thousandths} {
			b.Run(fmt.Sprint(days, " days/", []string{"whole", "thousandths"}[i]), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if Summarize(samples, StandardBounds(), scratch).Readings != len(samples) {
						b.Fatal("readings are lost")
					}
				}
			})
		}
	}
}
