package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// gap is the longest time in milliseconds that a line may cross: two readings of five
// minutes each, and a little.
const gap = 11 * 60 * 1000

// The names of the lines of the trace. Those of bands are the bands' own.
const (
	traceLive = "glucose"
	traceLate = "newest known at the time, late"
	ownLow    = "own low alert"
	ownHigh   = "own high alert"
)

func tracePanel() cog.Builder[dashboard.Panel] {
	b := tell(timeseries.NewPanelBuilder(), about{
		title: "Glucose over time, " + unitName, width: 24, height: 12,
		description: "Readings of Dexcom Share, minutes old, over the usual ranges. LOW is drawn at its lower edge, HIGH at the upper. A gap above 11 minutes stays a gap. " +
			"With the official API alone: what the newest known value was at that time, so an hour or more to the right of where it belongs; each is drawn for 11 minutes from its arrival. " +
			"Dashed: the person's own low and high alerts, where they are on. " + disclaimer,
		empty:   "nothing known in this time: no reading, or no exporter",
		queries: append(bandQueries(), traceQueries()...),
	}).
		Interval("1m").Min(0).LineWidth(1).FillOpacity(0).ShowPoints(common.VisibilityModeNever).
		SpanNulls(common.BoolOrFloat64{Float64: new(float64(gap))}).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(tooltip(common.TooltipDisplayModeMulti))
	return inTraceStyles(overBands(inUnits(b)))
}

// known is there if anything was in the time that is shown: else even lines that
// need no reading must not hide that the panel is empty.
func known() string {
	return by("account", "count_over_time("+of("dexcom_glucose_mg_dl")+"[$__range] @ end())")
}

// bandQueries are the upper edges of the bands, for they move with the unit.
func bandQueries() []query {
	var queries []query
	for _, band := range bands() {
		queries = append(queries, query{expr: "vector(" + band.top + inUnit + ")\nand on () (" + known() + ")", legend: band.name, overall: true})
	}
	return queries
}

func traceQueries() []query {
	value := newest("dexcom_glucose_mg_dl")
	arrived := by("account", "changes("+of("dexcom_glucose_timestamp_seconds")+"[11m]) > 0")
	line := func(expr, legend string) query {
		return query{expr: "(" + expr + ")" + inUnit, legend: legend + " · " + unitName, overall: true}
	}
	return []query{
		line(both(value, age()+" <= 11 * 60"), traceLive),
		line(both(both(value, age()+" > 15 * 60"), arrived), traceLate),
		line(both(ownAlert("low"), known()), ownLow),
		line(both(ownAlert("high"), known()), ownHigh),
	}
}

// ownAlert is the level of the person's own alert, while it is on.
func ownAlert(alert string) string {
	matcher := fmt.Sprintf("alert=%q", alert)
	return both(latest("dexcom_alert_setting_mg_dl", matcher), latest("dexcom_alert_setting_enabled", matcher)+" == 1")
}

// overBands fills each band from its upper edge to the edge below.
func overBands(b *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	below := ""
	for _, band := range bands() {
		properties := []dashboard.DynamicConfigValue{
			fixedColour(band.colour),
			{Id: "custom.fillOpacity", Value: 12},
			{Id: "custom.hideFrom", Value: map[string]bool{"legend": false, "tooltip": true, "viz": false}},
		}
		if below != "" {
			properties = append(properties, dashboard.DynamicConfigValue{Id: "custom.fillBelowTo", Value: below})
		}
		b.OverrideByName(band.name, properties)
		below = band.name
	}
	return b
}

func inTraceStyles(b *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	dashed := dashboard.DynamicConfigValue{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{6, 6}}}
	thick := dashboard.DynamicConfigValue{Id: "custom.lineWidth", Value: 3}
	stepped := dashboard.DynamicConfigValue{Id: "custom.lineInterpolation", Value: "stepAfter"}
	return b.
		OverrideByRegexp("/^"+traceLive+" ·/", []dashboard.DynamicConfigValue{fixedColour("blue"), thick}).
		OverrideByRegexp("/^"+traceLate+"/", []dashboard.DynamicConfigValue{fixedColour(muted), thick, stepped}).
		OverrideByRegexp("/^"+ownLow+"/", []dashboard.DynamicConfigValue{fixedColour("purple"), dashed}).
		OverrideByRegexp("/^"+ownHigh+"/", []dashboard.DynamicConfigValue{fixedColour("purple"), dashed})
}
