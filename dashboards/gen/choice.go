package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// choice is one of the values that a variable can have.
type choice struct {
	name  string
	value string // what the variable stands for in a query
}

// choose is a variable with some choices, of which the one at the start is chosen.
func choose(name, label, description string, start int, choices ...choice) cog.Builder[dashboard.VariableModel] {
	var values []string
	var options []dashboard.VariableOption
	for i, c := range choices {
		values = append(values, c.name+" : "+c.value)
		options = append(options, dashboard.VariableOption{
			Selected: new(i == start),
			Text:     dashboard.StringOrArrayOfString{String: new(c.name)},
			Value:    dashboard.StringOrArrayOfString{String: new(c.value)},
		})
	}
	return dashboard.NewCustomVariableBuilder(name).Label(label).Description(description).
		AllowCustomValue(false).Values(dashboard.StringOrMap{String: new(strings.Join(values, ", "))}).
		Options(options).Current(options[start])
}
