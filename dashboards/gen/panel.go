package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// panelBuilder is what the builders of all kinds of panels have in common.
type panelBuilder[B any] interface {
	Title(title string) B
	Description(description string) B
	NoValue(text string) B
	Datasource(source common.DataSourceRef) B
	Span(columns uint32) B
	Height(lines uint32) B
	WithTarget(target cog.Builder[variants.Dataquery]) B
	OverrideByRegexp(regexp string, properties []dashboard.DynamicConfigValue) B
}

// about is what every panel must say and ask.
type about struct {
	title       string
	description string
	empty       string // shown when there is no value: why that can be
	width       uint32 // of 24 columns
	height      uint32
	queries     []query
}

// tell makes a panel say and ask it.
func tell[B panelBuilder[B]](b B, a about) B {
	b = b.Title(a.title).Description(a.description).NoValue(a.empty).
		Datasource(chosenDatasource()).Span(a.width).Height(a.height)
	for i, q := range a.queries {
		b = b.WithTarget(q.target(refID(i)))
	}
	return b
}

// refID is Grafana's name of a panel's query.
func refID(i int) string { return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i : i+1] }

// figure is a panel with one number, or a few, each with its name.
func figure(a about) *stat.PanelBuilder {
	return tell(stat.NewPanelBuilder(), a).
		GraphMode(common.BigValueGraphModeNone).
		TextMode(common.BigValueTextModeValueAndName).
		WideLayout(false).
		Orientation(common.VizOrientationAuto).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Values(false).Fields("")).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdFixed).FixedColor("text"))
}

func tooltip(mode common.TooltipDisplayMode) cog.Builder[common.VizTooltipOptions] {
	return common.NewVizTooltipOptionsBuilder().Mode(mode).Sort(common.SortOrderNone)
}

func fixedColour(colour string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "color", Value: map[string]string{"mode": "fixed", "fixedColor": colour}}
}

// always shows a text whatever the value is.
func always(text string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "mappings", Value: []dashboard.ValueMapping{{RangeMap: &dashboard.RangeMap{
		Type:    dashboard.MappingTypeRangeToText,
		Options: dashboard.DashboardRangeMapOptions{From: new(-1e6), To: new(1e6), Result: dashboard.ValueMappingResult{Text: new(text)}},
	}}}}
}

// shown is how a value, as Grafana writes it, is shown.
type shown struct {
	value, text, colour string
}

// mapping shows values in words.
func mapping(values ...shown) []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, v := range values {
		result := dashboard.ValueMappingResult{Text: new(v.text), Index: new(int32(i))}
		if v.colour != "" {
			result.Color = new(v.colour)
		}
		options[v.value] = result
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}
