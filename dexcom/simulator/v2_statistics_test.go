package simulator

import (
	"math"
	"slices"
	"testing"
	"time"
)

// dayAndNight are the ranges of testdata/v2/statistics_request.json.
func dayAndNight() []TargetRange {
	return []TargetRange{
		{7 * time.Hour, 20 * time.Hour, 55, 70, 180},
		{20 * time.Hour, 7 * time.Hour, 55, 80, 200},
	}
}

// naiveStatistics computes everything a second time, from the sorted values.
func naiveStatistics(p *Person, from, to, now time.Time) Statistics {
	var values []float64
	days := make(map[string]bool)
	bands := make([]int, 4)
	for _, r := range p.V2Readings(from, to, now) {
		value, local := float64(r.Value), r.SystemTime.In(p.zone())
		values = append(values, value)
		days[local.Format(time.DateOnly)] = true
		bounds := []float64{55, 80, 200.5}
		if clock := local.Format(time.TimeOnly); clock >= "07:00:00" && clock < "20:00:00" {
			bounds = []float64{55, 70, 180.5}
		}
		band := 0
		for band < 3 && value >= bounds[band] {
			band++
		}
		bands[band]++
	}
	slices.Sort(values)
	n := float64(len(values))
	s := Statistics{
		NDays: len(days), NValues: len(values),
		NUrgentLow: bands[0], NBelowRange: bands[1], NWithinRange: bands[2], NAboveRange: bands[3],
		Min: int(values[0]), Max: int(values[len(values)-1]),
	}
	for _, value := range values {
		s.Mean += value / n
		s.Sum += int(value)
	}
	for _, value := range values {
		s.Variance += (value - s.Mean) * (value - s.Mean) / n
	}
	s.StdDev = math.Pow(s.Variance, 0.5)
	quartile := func(k int) float64 { // the place is (n-1)k/4
		i, rest := (len(values)-1)*k/4, (len(values)-1)*k%4
		if rest == 0 {
			return values[i]
		}
		return (values[i]*float64(4-rest) + values[i+1]*float64(rest)) / 4
	}
	s.Q1, s.Q2, s.Q3, s.Median = quartile(1), quartile(2), quartile(3), quartile(2)
	s.PercentUrgentLow, s.PercentBelowRange = 100*float64(bands[0])/n, 100*float64(bands[1])/n
	s.PercentWithinRange, s.PercentAboveRange = 100*float64(bands[2])/n, 100*float64(bands[3])/n
	s.UtilizationPercent = n / 2.88 / float64(len(days))
	for _, c := range p.Calibrations(from, to, late()) {
		if !c.Available.After(now) {
			s.MeanDailyCalibrations += 1 / float64(len(days))
		}
	}
	s.HypoglycemiaRisk = hypoglycemiaRisk(s.PercentUrgentLow, s.PercentUrgentLow+s.PercentBelowRange)
	return s
}

// round makes two ways to the same figures comparable.
func (s Statistics) round() Statistics {
	for _, x := range []*float64{
		&s.Mean, &s.Median, &s.Variance, &s.StdDev, &s.Q1, &s.Q2, &s.Q3, &s.UtilizationPercent, &s.MeanDailyCalibrations,
		&s.PercentUrgentLow, &s.PercentBelowRange, &s.PercentWithinRange, &s.PercentAboveRange,
	} {
		*x = math.Round(*x*1e6) / 1e6
	}
	return s
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		for _, x := range []struct {
			days int
			now  time.Time
		}{
			{1, late()},
			{14, noon().AddDate(0, 0, 12)},
			{14, noon().AddDate(0, 0, 14)},
			{15, late()},
			{90, late()},
		} {
			from, to := noon(), noon().AddDate(0, 0, x.days)
			if len(p.V2Readings(from, to, x.now)) == 0 {
				continue
			}
			got := p.Statistics(from, to, x.now, dayAndNight())
			if want := naiveStatistics(p, from, to, x.now); got.round() != want.round() {
				t.Fatalf("%d days at %v: got\n%+v\nwant\n%+v", x.days, x.now, got, want)
			}
			if n := got.NUrgentLow + got.NBelowRange + got.NWithinRange + got.NAboveRange; n != got.NValues {
				t.Fatalf("%d values in the bands, %d in all", n, got.NValues)
			}
		}
	})
}

// A band changes at the very second at which the local clock enters the next range.
func TestStatisticsGoByTheDisplayTime(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 37, Sensor: G6, Zone: zone(t, "America/New_York")}
	change := time.Date(2025, time.March, 9, 0, 0, 0, 0, p.Zone) // 02:00 becomes 03:00
	never := TargetRange{0, 0, 1, 2, 3}
	for _, r := range p.V2Readings(change, change.AddDate(0, 0, 2), late())[:500] {
		clock := sinceMidnight(r.SystemTime.In(p.Zone))
		early := TargetRange{0, clock, 1000, 2000, 3000} // all values are urgently low
		ranges := []TargetRange{early, {clock, 0, never.UrgentLow, never.Low, never.High}}
		if s := p.Statistics(r.SystemTime, r.SystemTime.Add(time.Second), late(), ranges); s.NValues != 1 || s.NAboveRange != 1 {
			t.Fatalf("at %v the start of a range does not hold: %+v", clock, s)
		}
		ranges[0].End, ranges[1].Start = clock+time.Second, clock+time.Second
		if s := p.Statistics(r.SystemTime, r.SystemTime.Add(time.Second), late(), ranges); s.NValues != 1 || s.NUrgentLow != 1 {
			t.Fatalf("at %v the end of a range holds: %+v", clock, s)
		}
	}
}

func TestStatisticsOfNothing(t *testing.T) {
	t.Parallel()
	g7, g6 := &Person{Seed: 1}, &Person{Seed: 1, Sensor: G6, Since: noon()}
	for _, s := range []Statistics{
		g7.Statistics(noon(), noon().AddDate(0, 0, 14), late(), dayAndNight()),
		g6.Statistics(noon().AddDate(0, 0, -14), noon(), late(), dayAndNight()),
		g6.Statistics(noon(), noon().AddDate(0, 0, 14), noon(), dayAndNight()),
		g6.Statistics(noon().AddDate(0, 0, 14), noon(), late(), dayAndNight()),
	} {
		if s != (Statistics{}) {
			t.Errorf("got %+v", s)
		}
	}
	if s := g6.Statistics(noon(), noon().AddDate(0, 0, 14), late(), nil); s.NValues == 0 || s.NWithinRange+s.NAboveRange != 0 {
		t.Errorf("without ranges: %+v", s)
	}
}

func TestBands(t *testing.T) {
	t.Parallel()
	ranges := []TargetRange{{0, 0, 55, 70, 180}}
	for mgdl, want := range map[int]Statistics{
		39: {NUrgentLow: 1}, 54: {NUrgentLow: 1}, 55: {NBelowRange: 1}, 69: {NBelowRange: 1},
		70: {NWithinRange: 1}, 180: {NWithinRange: 1}, 181: {NAboveRange: 1}, 401: {NAboveRange: 1},
	} {
		var got Statistics
		got.band(mgdl, 12*time.Hour, ranges)
		if got != want {
			t.Errorf("%d mg/dL: %+v", mgdl, got)
		}
	}
}

// The figures were computed with the R package iglu 4.3.0.
func TestDistribution(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values                []int
		mean, deviation       float64
		q05, q1, q2, q3, last float64
	}{
		{[]int{200, 100, 150, 120}, 142.5, 37.666297933, 103, 115, 135, 162.5, 200},
		{[]int{53, 54, 69, 70, 180, 181, 250, 251}, 138.5, 81.078665504, 53.35, 65.25, 125, 198.25, 251},
		{[]int{39, 40, 55, 70, 112, 113, 180, 250, 400, 401}, 166, 132.85330255, 39.45, 58.75, 112.5, 232.5, 401},
		{[]int{401}, 401, 0, 401, 401, 401, 401, 401},
		{[]int{90, 90, 90}, 90, 0, 90, 90, 90, 90, 90},
	} {
		var d distribution
		for _, value := range c.values {
			d.add(value)
		}
		mean, variance, deviation := d.moments()
		for _, x := range [][2]float64{
			{mean, c.mean},
			{deviation, c.deviation},
			{variance, c.deviation * c.deviation},
			{d.quantile(0.05), c.q05},
			{d.quantile(0.25), c.q1},
			{d.quantile(0.5), c.q2},
			{d.quantile(0.75), c.q3},
			{d.quantile(1), c.last},
		} {
			if math.Abs(x[0]-x[1]) > 1e-5 {
				t.Errorf("%v: %v, want %v", c.values, x[0], x[1])
			}
		}
	}
}

func TestHypoglycemiaRisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		urgentLow, low float64
		want           string
	}{
		{0, 0, "minimal"},
		{0.2, 0.99, "minimal"},
		{0.25, 0.5, "low"},
		{0, 1, "low"},
		{0.99, 3.99, "low"},
		{1, 3, "moderate"},
		{0, 4, "moderate"},
		{2.4, 9.9, "moderate"},
		{2.5, 5, "high"},
		{0, 10, "high"},
		{100, 100, "high"},
	} {
		if got := hypoglycemiaRisk(c.urgentLow, c.low); got != c.want {
			t.Errorf("%v %% and %v %%: %s, want %s", c.urgentLow, c.low, got, c.want)
		}
	}
	seen := make(map[string]bool)
	for i, swing := range []float64{20, 38, 60, 95} {
		for seed := range uint64(6) {
			p := &Person{Seed: seed, Sensor: G6, Mean: 130 + 10*float64(i), Swing: swing}
			seen[p.Statistics(noon(), noon().AddDate(0, 0, 14), late(), dayAndNight()).HypoglycemiaRisk] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("the people run only the risks %v", seen)
	}
}

func BenchmarkStatisticsOfNinetyDays(b *testing.B) {
	p := &Person{Seed: 1, Sensor: G6, Zone: zone(b, "Europe/Berlin")}
	b.ReportAllocs()
	for b.Loop() {
		p.Statistics(noon(), noon().AddDate(0, 0, 90), late(), dayAndNight())
	}
}
