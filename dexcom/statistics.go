package dexcom

import (
	"context"
	"errors"
	"math"
	"time"
)

// Statistics is what Dexcom itself computes over the glucose values of a window.
// Glucose is in mg/dL. Each number is NaN where Dexcom gives none, as for a window
// without data. Only version 2 has them, and its newer overview does not.
// (developer.dexcom.com/post-statistics)
type Statistics struct {
	HypoglycemiaRisk Risk

	Min, Max, Mean, Median float64
	Variance, StdDev       float64
	Sum                    float64
	Q1, Q2, Q3             float64 // the quartiles

	UtilizationPercent    float64 // how much of the window has values
	MeanDailyCalibrations float64
	NDays                 float64 // calendar days that have values
	NValues               float64 // glucose values

	// How many values are below urgent low, from there to below low, from there
	// up to high, and above, by the target range of their time of day.
	NUrgentLow, NBelowRange, NWithinRange, NAboveRange float64
	// The same in percent of all values.
	PercentUrgentLow, PercentBelowRange, PercentWithinRange, PercentAboveRange float64
}

// The errors of statistics alone.
var (
	errOnlyV2         = errors.New("version 3 of the API has no statistics")
	errStatsWindow    = errors.New("the window is empty or longer than 90 days")
	errNoStatistics   = errors.New("the answer has no statistics")
	errBadTargetRange = errors.New("a bound of a target range is not a finite number")
)

// Statistics asks Dexcom to compute over the values with from <= system time < to,
// both cut to whole seconds, at most 90 days apart. The ranges must cover a day
// without overlap, else Dexcom answers 400. Dexcom may have ended the endpoint:
// that is an [Error] with the status 404. For a client of version 3, or a window
// that cannot be, it fails with [ReasonOther].
// (developer.dexcom.com/post-statistics)
func (c *Client) Statistics(ctx context.Context, from, to time.Time, ranges []TargetRange) (Statistics, error) {
	const endpoint = "statistics"
	refuse := func(cause error) (Statistics, error) {
		return Statistics{}, &Error{Op: endpoint, Reason: ReasonOther, Err: cause}
	}
	switch window := to.Sub(from); {
	case c.version != V2:
		return refuse(errOnlyV2)
	case window < time.Second || window > c.version.maxWindow():
		return refuse(errStatsWindow)
	}
	post, err := encodeTargetRanges(ranges)
	if err != nil {
		return refuse(errBadTargetRange)
	}
	body, err := c.ask(ctx, apiCall{endpoint: endpoint, query: window(from, to), post: post})
	if err != nil {
		return Statistics{}, err
	}
	statistics, err := decodeStatistics(body)
	if err != nil {
		return Statistics{}, &Error{Op: endpoint, Reason: ReasonDecode, Err: err}
	}
	return statistics, nil
}

// wireStatistics is the answer of POST /v2/users/self/statistics.
type wireStatistics struct {
	HypoglycemiaRisk      wireText      `json:"hypoglycemiaRisk"`
	Min                   wireStatistic `json:"min"`
	Max                   wireStatistic `json:"max"`
	Mean                  wireStatistic `json:"mean"`
	Median                wireStatistic `json:"median"`
	Variance              wireStatistic `json:"variance"`
	StdDev                wireStatistic `json:"stdDev"`
	Sum                   wireStatistic `json:"sum"`
	Q1                    wireStatistic `json:"q1"`
	Q2                    wireStatistic `json:"q2"`
	Q3                    wireStatistic `json:"q3"`
	UtilizationPercent    wireStatistic `json:"utilizationPercent"`
	MeanDailyCalibrations wireStatistic `json:"meanDailyCalibrations"`
	NDays                 wireStatistic `json:"nDays"`
	NValues               wireStatistic `json:"nValues"`
	NUrgentLow            wireStatistic `json:"nUrgentLow"`
	NBelowRange           wireStatistic `json:"nBelowRange"`
	NWithinRange          wireStatistic `json:"nWithinRange"`
	NAboveRange           wireStatistic `json:"nAboveRange"`
	PercentUrgentLow      wireStatistic `json:"percentUrgentLow"`
	PercentBelowRange     wireStatistic `json:"percentBelowRange"`
	PercentWithinRange    wireStatistic `json:"percentWithinRange"`
	PercentAboveRange     wireStatistic `json:"percentAboveRange"`
}

// wireStatistic is a number of the answer, and whether the answer names it at all.
type wireStatistic struct {
	wireNumber

	named bool
}

// UnmarshalJSON never fails, as that of wireNumber.
func (s *wireStatistic) UnmarshalJSON(raw []byte) error {
	s.named = true
	return s.wireNumber.UnmarshalJSON(raw)
}

func (s wireStatistic) orNaN() float64 {
	if s.ok {
		return s.value
	}
	return math.NaN()
}

func decodeStatistics(body []byte) (Statistics, error) {
	var w wireStatistics
	if err := decodeObject(body, &w); err != nil {
		return Statistics{}, err
	}
	if !w.Mean.named && !w.NValues.named {
		return Statistics{}, errNoStatistics
	}
	return Statistics{
		HypoglycemiaRisk:      parseRisk(string(w.HypoglycemiaRisk)),
		Min:                   w.Min.orNaN(),
		Max:                   w.Max.orNaN(),
		Mean:                  w.Mean.orNaN(),
		Median:                w.Median.orNaN(),
		Variance:              w.Variance.orNaN(),
		StdDev:                w.StdDev.orNaN(),
		Sum:                   w.Sum.orNaN(),
		Q1:                    w.Q1.orNaN(),
		Q2:                    w.Q2.orNaN(),
		Q3:                    w.Q3.orNaN(),
		UtilizationPercent:    w.UtilizationPercent.orNaN(),
		MeanDailyCalibrations: w.MeanDailyCalibrations.orNaN(),
		NDays:                 w.NDays.orNaN(),
		NValues:               w.NValues.orNaN(),
		NUrgentLow:            w.NUrgentLow.orNaN(),
		NBelowRange:           w.NBelowRange.orNaN(),
		NWithinRange:          w.NWithinRange.orNaN(),
		NAboveRange:           w.NAboveRange.orNaN(),
		PercentUrgentLow:      w.PercentUrgentLow.orNaN(),
		PercentBelowRange:     w.PercentBelowRange.orNaN(),
		PercentWithinRange:    w.PercentWithinRange.orNaN(),
		PercentAboveRange:     w.PercentAboveRange.orNaN(),
	}, nil
}
