package simulator

import (
	"mime"
	"net/http"
	"time"
)

// v2Statistics is the answer of POST /v2/users/self/statistics. Without values
// all is null but what counts.
type v2Statistics struct {
	HypoglycemiaRisk      *string  `json:"hypoglycemiaRisk"`
	Min                   *int     `json:"min"`
	Max                   *int     `json:"max"`
	Mean                  *float64 `json:"mean"`
	Median                *float64 `json:"median"`
	Variance              *float64 `json:"variance"`
	StdDev                *float64 `json:"stdDev"`
	Sum                   *int     `json:"sum"`
	Q1                    *float64 `json:"q1"`
	Q2                    *float64 `json:"q2"`
	Q3                    *float64 `json:"q3"`
	UtilizationPercent    float64  `json:"utilizationPercent"`
	MeanDailyCalibrations float64  `json:"meanDailyCalibrations"`
	NDays                 int      `json:"nDays"`
	NValues               int      `json:"nValues"`
	NUrgentLow            int      `json:"nUrgentLow"`
	NBelowRange           int      `json:"nBelowRange"`
	NWithinRange          int      `json:"nWithinRange"`
	NAboveRange           int      `json:"nAboveRange"`
	PercentUrgentLow      *float64 `json:"percentUrgentLow"`
	PercentBelowRange     *float64 `json:"percentBelowRange"`
	PercentWithinRange    *float64 `json:"percentWithinRange"`
	PercentAboveRange     *float64 `json:"percentAboveRange"`
}

func v2PostStatistics(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "the body must be application/json")
		return
	}
	start, end, err := window(r.URL.Query(), v2Window)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	ranges, err := targetRanges(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, p.Statistics(start, end, now, ranges).v2())
}

func (s Statistics) v2() v2Statistics {
	body := v2Statistics{
		UtilizationPercent:    s.UtilizationPercent,
		MeanDailyCalibrations: s.MeanDailyCalibrations,
		NDays:                 s.NDays,
		NValues:               s.NValues,
		NUrgentLow:            s.NUrgentLow,
		NBelowRange:           s.NBelowRange,
		NWithinRange:          s.NWithinRange,
		NAboveRange:           s.NAboveRange,
	}
	if s.NValues == 0 {
		return body
	}
	body.HypoglycemiaRisk = &s.HypoglycemiaRisk
	body.Min, body.Max, body.Sum = &s.Min, &s.Max, &s.Sum
	body.Mean, body.Median = &s.Mean, &s.Median
	body.Variance, body.StdDev = &s.Variance, &s.StdDev
	body.Q1, body.Q2, body.Q3 = &s.Q1, &s.Q2, &s.Q3
	body.PercentUrgentLow, body.PercentBelowRange = &s.PercentUrgentLow, &s.PercentBelowRange
	body.PercentWithinRange, body.PercentAboveRange = &s.PercentWithinRange, &s.PercentAboveRange
	return body
}
