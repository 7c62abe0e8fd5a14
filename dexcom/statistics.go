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
	from, to = from.Truncate(time.Second), to.Truncate(time.Second)
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

func decodeStatistics(body []byte) (Statistics, error) {
	var numbers map[string]wireNumber
	var text struct {
		HypoglycemiaRisk wireText `json:"hypoglycemiaRisk"`
	}
	if err := decodeObject(body, &numbers); err != nil {
		return Statistics{}, err
	}
	_ = decodeObject(body, &text) // it was read above
	_, hasMean := numbers["mean"]
	_, hasValues := numbers["nValues"]
	if !hasMean && !hasValues {
		return Statistics{}, errNoStatistics
	}
	number := func(name string) float64 {
		if n := numbers[name]; n.ok {
			return n.value
		}
		return math.NaN()
	}
	return Statistics{
		HypoglycemiaRisk:      parseRisk(string(text.HypoglycemiaRisk)),
		Min:                   number("min"),
		Max:                   number("max"),
		Mean:                  number("mean"),
		Median:                number("median"),
		Variance:              number("variance"),
		StdDev:                number("stdDev"),
		Sum:                   number("sum"),
		Q1:                    number("q1"),
		Q2:                    number("q2"),
		Q3:                    number("q3"),
		UtilizationPercent:    number("utilizationPercent"),
		MeanDailyCalibrations: number("meanDailyCalibrations"),
		NDays:                 number("nDays"),
		NValues:               number("nValues"),
		NUrgentLow:            number("nUrgentLow"),
		NBelowRange:           number("nBelowRange"),
		NWithinRange:          number("nWithinRange"),
		NAboveRange:           number("nAboveRange"),
		PercentUrgentLow:      number("percentUrgentLow"),
		PercentBelowRange:     number("percentBelowRange"),
		PercentWithinRange:    number("percentWithinRange"),
		PercentAboveRange:     number("percentAboveRange"),
	}, nil
}
