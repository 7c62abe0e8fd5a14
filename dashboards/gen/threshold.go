package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// step is a value from which on there is another colour.
type step struct {
	from   float64
	colour string
}

// lowestStep is below whatever is compared: Grafana takes the first step as without
// a bound.
const lowestStep = -1e6

// steps are colours of a value, the first of them below all steps.
func steps(below string, above ...step) cog.Builder[dashboard.ThresholdsConfig] {
	all := []dashboard.Threshold{{Value: new(float64(lowestStep)), Color: below}}
	for _, s := range above {
		all = append(all, dashboard.Threshold{Value: new(s.from), Color: s.colour})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

// alarmed is a count that should be 0, and has its colour when it is not.
func alarmed(a about, colour string) cog.Builder[dashboard.Panel] {
	return figure(a).Decimals(0).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Thresholds(steps("green", step{1, colour}))
}
