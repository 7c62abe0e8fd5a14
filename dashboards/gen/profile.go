package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/trend"
)

// profileRow is a usual day.
func profileRow() row {
	return row{title: "A usual day", panels: []cog.Builder[dashboard.Panel]{profileChart()}}
}

// hour is the label that the horizontal axis is made of: Grafana cannot read 13:30 as
// a number, but 13.5.
const hour = "hour"

// percentile is a line of the profile: so many of the readings of its half hour are
// below it.
type percentile struct {
	name   string // the value of the label percentile
	legend string
	downTo int // the line down to which it is filled, if not below 0
}

func percentiles() []percentile {
	return []percentile{
		{"5", "5 % are below", -1},
		{"25", "25 % are below", -1},
		{"50", "median", -1},
		{"75", "75 % are below", 1},
		{"95", "95 % are below", 0},
	}
}

// noProfile stands in the legend where no line does: this kind of panel has its own
// words for no data.
const noProfile = "no profile: it needs agp: true, and 5 readings in a half hour"

func profilePanel() about {
	line := func(expr, legend string) query {
		return query{expr: "(" + expr + ")" + inUnit, legend: legend + " · " + unitName, table: true}
	}
	var queries []query
	for _, p := range percentiles() {
		queries = append(queries, line(byHour(fmt.Sprintf("percentile=%q", p.name)), p.legend))
	}
	present := latest("dexcom_exporter_account_info")
	for _, b := range []bound{lowBound(), highBound()} {
		queries = append(queries, line(byHour(`percentile="50"`)+" * 0\n+ on (account) group_left () ("+b.now(present)+")", targetLegend(b)))
	}
	return about{
		title: "A usual day, " + unitName, width: 24, height: 10,
		description: "How does glucose go on a usual day, and at which hours is it low, high or uncertain? An AGP-style profile of all readings that the exporter keeps, " +
			"by half hours of the person's own clock: half of the readings are in the inner band, nine of ten in the outer one. Dashed: the target range. " + disclaimer,
		empty:   noProfile + "; or the exporter does not answer",
		queries: append(queries, query{expr: without(noHours(), latest("dexcom_agp_mg_dl")), legend: noProfile, table: true}),
	}
}

func targetLegend(b bound) string { return "target range, " + b.name }

// byHour is the profile with its time of day as a number.
func byHour(matcher string) string {
	byTime := by("account, time_of_day", of("dexcom_agp_mg_dl", matcher))
	return by("account, "+hour, fmt.Sprintf(`label_replace(label_replace(%s, %q, "$1.0", "time_of_day", "(..):00"), %q, "$1.5", "time_of_day", "(..):30")`, byTime, hour, hour))
}

// noHours is a line at 0 for whom the exporter knows.
func noHours() string {
	present := first(latest("dexcom_exporter_account_info"), dead())
	at := func(number string) string { return labelled("("+present+") * 0", hour, number) }
	return at("0") + "\nor " + at("23.5")
}

// profileChart joins the tables of the queries by their hour: this kind of panel draws
// one table over one of its numbers.
func profileChart() cog.Builder[dashboard.Panel] {
	about := profilePanel()
	b := tell(trend.NewPanelBuilder(), about).
		XField(hour).Min(0).LineWidth(1).FillOpacity(0).ShowPoints(common.VisibilityModeNever).
		SpanNulls(common.BoolOrFloat64{Bool: new(false)}).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(tooltip(common.TooltipDisplayModeMulti)).
		WithTransformation(dashboard.DataTransformerConfig{Id: "filterFieldsByName", Options: map[string]any{"include": map[string]string{"pattern": "^(" + hour + "|Value.*)$"}}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "convertFieldType", Options: map[string]any{
			"fields": map[string]any{}, "conversions": []map[string]string{{"targetField": hour, "destinationType": "number"}},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "joinByField", Options: map[string]string{"byField": hour, "mode": "outer"}}).
		OverrideByName(hour, []dashboard.DynamicConfigValue{{Id: "unit", Value: "suffix: h"}})
	for i, q := range about.queries {
		b.OverrideByName(valueColumn(i), append(named(q.legend), profileStyle(i)...))
	}
	// Grafana's name where no other query has an answer.
	return inUnits(b.OverrideByName("Value", append(named(noProfile), fixedColour(grey))))
}

// valueColumn is Grafana's name for the values of one of several queries.
func valueColumn(query int) string { return "Value #" + refID(query) }

// profileStyle is how the line of a query is drawn.
func profileStyle(query int) []dashboard.DynamicConfigValue {
	switch lines := percentiles(); {
	case query < len(lines) && lines[query].downTo >= 0:
		return []dashboard.DynamicConfigValue{
			fixedColour("blue"), {Id: "custom.fillOpacity", Value: 20}, {Id: "custom.fillBelowTo", Value: valueColumn(lines[query].downTo)},
		}
	case query < len(lines) && lines[query].name == "50":
		return []dashboard.DynamicConfigValue{fixedColour("blue"), {Id: "custom.lineWidth", Value: 3}}
	case query < len(lines):
		return []dashboard.DynamicConfigValue{fixedColour("blue")}
	case query < len(lines)+2:
		return []dashboard.DynamicConfigValue{fixedColour("green"), dashed()}
	}
	return []dashboard.DynamicConfigValue{fixedColour(grey)}
}
