package main

import (
	"strconv"
	"strings"

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
	var values []string
	var options []dashboard.VariableOption
	for i, u := range units() {
		values = append(values, u.name+" : "+u.value())
		options = append(options, dashboard.VariableOption{
			Selected: new(i == 0),
			Text:     dashboard.StringOrArrayOfString{String: new(u.name)},
			Value:    dashboard.StringOrArrayOfString{String: new(u.value())},
		})
	}
	return dashboard.NewCustomVariableBuilder("unit").Label("Unit").
		Description("Unit of glucose, for values, changes, bands and thresholds").
		AllowCustomValue(false).Values(dashboard.StringOrMap{String: new(strings.Join(values, ", "))}).
		Options(options).Current(options[0])
}

// inUnits shows the series whose names end in a unit with the decimals of that
// unit.
func inUnits[B panelBuilder[B]](b B) B {
	for _, u := range units() {
		b = b.OverrideByRegexp("/"+u.name+"$/", []dashboard.DynamicConfigValue{{Id: "decimals", Value: u.decimals}})
	}
	return b
}
