package main

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// unit is a unit of glucose.
type unit struct {
	name     string
	mgdl     float64 // how many mg/dL it is
	decimals int
}

func units() []unit {
	return []unit{
		{name: "mg/dL", mgdl: 1, decimals: 0},
		{name: "mmol/L", mgdl: 18.0156, decimals: 1},
	}
}

// In queries, inUnit turns mg/dL into the chosen unit. In titles and legends,
// unitName is its name: the decimals of a series follow from the name it ends in.
const (
	inUnit   = " / $unit"
	unitName = "${unit:text}"
)

// value is what the variable stands for in a query.
func (u unit) value() string { return strconv.FormatFloat(u.mgdl, 'f', -1, 64) }

func unitVariable() cog.Builder[dashboard.VariableModel] {
	var choices []choice
	for _, u := range units() {
		choices = append(choices, choice{u.name, u.value()})
	}
	return choose("unit", "Unit", "Unit of glucose, for values, changes, bands and thresholds", 0, choices...)
}

// inUnits shows the series whose names end in a unit with the decimals of that
// unit.
func inUnits[B panelBuilder[B]](b B) B {
	for _, u := range units() {
		b = b.OverrideByRegexp("/"+u.name+"$/", []dashboard.DynamicConfigValue{{Id: "decimals", Value: u.decimals}})
	}
	return b
}
