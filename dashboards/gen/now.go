package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/text"
)

// muted is for values that are true and late.
const muted = "#5a6b8c"

// nowRow is the newest reading and all that belongs to it, and the way to it.
func nowRow() row {
	return row{title: "Now", panels: []cog.Builder[dashboard.Panel]{
		disclaimerText(),
		orNoValue(lowAndHighAsWords(inBandColours(inUnits(figure(valuePanel()))))).
			ColorMode(common.BigValueColorModeBackground).
			OverrideByRegexp("/^late/", []dashboard.DynamicConfigValue{fixedColour(muted)}),
		figure(trendPanel()).Mappings(mapping(arrows()...)),
		inUnits(figure(changePanel())).
			OverrideByRegexp("/^up/", []dashboard.DynamicConfigValue{{Id: "unit", Value: "prefix:+"}}),
		figure(agePanel()).Unit("s").Decimals(0).
			OverrideByName(ageLate, []dashboard.DynamicConfigValue{fixedColour("blue")}).
			OverrideByName(ageOld, []dashboard.DynamicConfigValue{fixedColour(grey)}),
		tracePanel(),
	}}
}

func disclaimerText() cog.Builder[dashboard.Panel] {
	return text.NewPanelBuilder().Description("Where values come from and what they are not for").
		Span(24).Height(2).Transparent(true).Mode(text.TextModeMarkdown).Content("**" + disclaimer + "**")
}

func valuePanel() about {
	return about{
		title: "Glucose, " + unitName, width: 10, height: 7,
		description: "The newest reading, where it is among the usual ranges, and how old it is. Blue-grey: late, because only the " +
			"official API has it. Grey: there is no value to show, and why. LOW and HIGH: the sensor cannot measure so low or so high. " + disclaimer,
		empty: "no value: the data source does not answer",
		queries: []query{
			{expr: valueAged(live), legend: "{{band}} · {{minutes}} min ago · " + unitName},
			{expr: valueAged(late()), legend: "late: {{band}} · {{minutes}} min ago · " + unitName},
			noValue(whyNoValue()),
		},
	}
}

// valueAged is the newest value with the labels band and minutes, while its age is
// as wanted.
func valueAged(wanted string) string {
	return "(" + spoken(newest("dexcom_glucose_mg_dl"), "band", bandWords()) + ")" + inUnit +
		"\n* on (account) group_left (minutes) count_values by (account) (\"minutes\", floor((" + age() + wanted + ") / 60))"
}

func trendPanel() about {
	trend := newest("dexcom_glucose_trend")
	return about{
		title: "Trend", width: 5, height: 7,
		description: "Dexcom's arrow of the newest reading: steady is below 1 mg/dL a minute, rising or falling 1 to 2, fast 2 to 3, very fast above 3.",
		empty:       "no arrow: no value, or Dexcom could not compute one",
		queries: []query{
			{expr: both(trend, age()+live), legend: "now"},
			{expr: both(trend, age()+late()), legend: "late: at the time of the value"},
		},
	}
}

func arrows() []shown {
	return []shown{
		{value: "-3", text: "⇊ falling very fast"},
		{value: "-2", text: "↓ falling fast"},
		{value: "-1", text: "↘ falling"},
		{value: "0", text: "→ steady"},
		{value: "1", text: "↗ rising"},
		{value: "2", text: "↑ rising fast"},
		{value: "3", text: "⇈ rising very fast"},
	}
}
