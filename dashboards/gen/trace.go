package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// hole is the longest time in milliseconds that a line may cross. A reading is drawn
// for five minutes or six, so that two of one missing reading are joined, and with two
// missing ones a gap stays.
const hole = 7 * 60 * 1000

// The names of the lines of the trace. Those of bands are the bands' own.
const (
	traceOwn    = "glucose, each reading at its own time"
	traceReplay = "glucose, replayed"
	traceLive   = "glucose, live"
	ownLow      = "own low alert"
	ownHigh     = "own high alert"
)

func tracePanel() cog.Builder[dashboard.Panel] {
	b := tell(timeseries.NewPanelBuilder(), about{
		title: "Glucose over time, " + unitName, width: 24, height: 12,
		description: "How glucose went, over the ranges of the account. Where Prometheus scrapes /readings or gets OTLP, each reading stands at its own time. " +
			"Elsewhere the replay gauge is shifted back by its lag: exact to a minute, without readings that came later than the lag. " +
			"The newest minutes are live with Dexcom Share; with the official API alone the newest hours are empty. " +
			"LOW is drawn at 39 mg/dL, HIGH at 401. One missing reading is crossed; a longer gap stays a gap. " +
			"Marks: what the person wrote down, if Prometheus scrapes /readings or gets OTLP. Dashed: own low and high alerts, where they are on. " + disclaimer,
		empty:   "nothing known in this time: no reading, no exporter, or the official API alone since less than its lag",
		queries: append(bandQueries(), traceQueries()...),
	}).
		Interval("1m").Min(0).LineWidth(1).FillOpacity(0).ShowPoints(common.VisibilityModeNever).
		SpanNulls(common.BoolOrFloat64{Float64: new(float64(hole))}).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(tooltip(common.TooltipDisplayModeMulti))
	return inTraceStyles(overBands(inUnits(b)))
}

// known is there if anything was in the time that is shown: else even lines that
// need no reading must not hide that the panel is empty.
func known() string {
	in := func(metric string) string {
		return by("account", "count_over_time("+of(metric)+"[$__range] @ end())")
	}
	return first(in("dexcom_glucose_mg_dl"), in("dexcom_egv_mg_dl"))
}

// bandQueries are the upper edges of the bands, for they move with the unit and the
// account.
func bandQueries() []query {
	var queries []query
	for _, band := range bands() {
		queries = append(queries, query{expr: "(" + band.edge() + ")" + inUnit, legend: band.name, overall: true})
	}
	return queries
}

func traceQueries() []query {
	line := func(expr, legend string) query {
		return query{expr: "(" + expr + ")" + inUnit, legend: legend + " · " + unitName, overall: true}
	}
	return []query{
		line(ownTimes(), traceOwn),
		line(without(replayed(), lastOwnTime()), traceReplay),
		line(without(liveTrace(), first(lastOwnTime(), replayed())), traceLive),
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
	thick := dashboard.DynamicConfigValue{Id: "custom.lineWidth", Value: 3}
	for _, line := range []string{traceOwn, traceReplay, traceLive} {
		b.OverrideByRegexp("/^"+line+" ·/", []dashboard.DynamicConfigValue{fixedColour("blue"), thick})
	}
	return b.
		OverrideByRegexp("/^"+ownLow+"/", []dashboard.DynamicConfigValue{fixedColour("purple"), dashed()}).
		OverrideByRegexp("/^"+ownHigh+"/", []dashboard.DynamicConfigValue{fixedColour("purple"), dashed()})
}

func dashed() dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{6, 6}}}
}
