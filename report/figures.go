package report

import (
	"strconv"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// figure is a row of the table of figures.
type figure struct {
	Name, About, Value string
	Target, Verdict    string // empty where there is none
}

// Missed says whether the target is not met.
func (f figure) Missed() bool { return f.Verdict == "not met" }

func (w words) figures(s glucose.Summary, c capture, targets glucose.Targets) []figure {
	mean := figure{Name: "Mean glucose", Value: absent}
	deviation := figure{Name: "SD", About: "standard deviation", Value: absent}
	variation := figure{Name: "CV", About: "SD to mean", Value: absent, Target: targets.CV.String()}
	gmi := figure{Name: "GMI", About: "glucose management indicator", Value: absent}
	gri := figure{Name: "GRI", About: "glycemia risk index, 0 is best", Value: absent}
	if c.Sufficient() {
		mean.Value, deviation.Value = w.with(s.Mean), w.with(s.SD)
		variation.Value, variation.Verdict = share(s.CV, targets.CV), verdict(s.CV, targets.CV)
	}
	if c.sufficientForGMI() {
		gmi.Value = percent(s.GMI, 1)
		gri.Value = strconv.FormatFloat(s.GRI, 'f', 0, 64) + " of 100"
	}
	return []figure{mean, gmi, variation, deviation, gri}
}
