package simulator

import "time"

// Statistics is the truth about POST /v2/users/self/statistics
// (developer.dexcom.com/post-statistics): figures over the V2Readings of a
// window that are available, with LOW as 39 and HIGH as 401. Without any all
// are zero.
type Statistics struct {
	HypoglycemiaRisk string // minimal, low, moderate or high; "" without values

	Min, Max     int     // mg/dL
	Mean, Median float64 // mg/dL
	Variance     float64 // (mg/dL)², of the population: divided by NValues
	StdDev       float64 // mg/dL, the root of Variance
	Sum          int     // mg/dL

	// Quartiles lie at (n-1)/4, (n-1)/2 and 3(n-1)/4 of the n sorted values,
	// counted from 0, linear between two values. Q2 is Median.
	Q1, Q2, Q3 float64

	UtilizationPercent    float64 // of 288 values on each of NDays
	MeanDailyCalibrations float64 // on NDays
	NDays                 int     // days on the person's calendar that have a value
	NValues               int

	// Where the values lie by the range that holds at their display time:
	// below UrgentLow, below Low, from Low to High, above High.
	NUrgentLow, NBelowRange, NWithinRange, NAboveRange                         int
	PercentUrgentLow, PercentBelowRange, PercentWithinRange, PercentAboveRange float64
}

// Statistics returns the figures that the API gives at the instant now for
// readings with from <= SystemTime < to. A value at a time of day that no
// range holds is in none of the four bands.
func (p *Person) Statistics(from, to, now time.Time, ranges []TargetRange) Statistics {
	var s Statistics
	var d distribution
	days := make(map[int]bool)
	for _, r := range p.v2Readings(ceil(from), ceil(to), floor(now)) {
		local := r.SystemTime.In(p.zone())
		days[local.Year()*1000+local.YearDay()] = true
		d.add(r.Value)
		s.band(r.Value, sinceMidnight(local), ranges)
	}
	if d.n == 0 {
		return s
	}
	s.describe(&d)
	s.NDays, s.NValues = len(days), d.n
	s.UtilizationPercent = 100 * float64(d.n) / float64(288*s.NDays)
	s.MeanDailyCalibrations = float64(len(p.Calibrations(from, to, now))) / float64(s.NDays)
	s.PercentUrgentLow, s.PercentBelowRange = d.percent(s.NUrgentLow), d.percent(s.NBelowRange)
	s.PercentWithinRange, s.PercentAboveRange = d.percent(s.NWithinRange), d.percent(s.NAboveRange)
	s.HypoglycemiaRisk = hypoglycemiaRisk(s.PercentUrgentLow, s.PercentUrgentLow+s.PercentBelowRange)
	return s
}

// band counts a value in the first range that holds at a time of day.
func (s *Statistics) band(mgdl int, clock time.Duration, ranges []TargetRange) {
	for _, r := range ranges {
		if !r.holds(clock) {
			continue
		}
		switch value := float64(mgdl); {
		case value < r.UrgentLow:
			s.NUrgentLow++
		case value < r.Low:
			s.NBelowRange++
		case value <= r.High:
			s.NWithinRange++
		default:
			s.NAboveRange++
		}
		return
	}
}

func (s *Statistics) describe(d *distribution) {
	s.Min, s.Max, s.Sum = d.nth(0), d.nth(d.n-1), d.sum
	s.Mean, s.Variance, s.StdDev = d.moments()
	s.Q1, s.Q2, s.Q3 = d.quantile(0.25), d.quantile(0.5), d.quantile(0.75)
	s.Median = s.Q2
}

// hypoglycemiaRisk grades the percentages of values that are urgently low and
// low at all. How Dexcom does it is unknown. Here "low" is what the consensus
// allows adults (Battelino 2019, Diabetes Care 42:1593), minimal is a quarter
// of it and moderate two and a half times as much.
func hypoglycemiaRisk(urgentLow, low float64) string {
	for _, grade := range []struct {
		word           string
		urgentLow, low float64
	}{
		{"minimal", 0.25, 1},
		{"low", 1, 4},
		{"moderate", 2.5, 10},
	} {
		if urgentLow < grade.urgentLow && low < grade.low {
			return grade.word
		}
	}
	return "high"
}

// sinceMidnight is what a clock shows.
func sinceMidnight(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}
