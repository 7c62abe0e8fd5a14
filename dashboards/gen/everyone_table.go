package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// everyoneColumn is a value of each person.
type everyoneColumn struct {
	headline string
	expr     string
	none     string // shown where there is no value
	look     []dashboard.DynamicConfigValue
}

// Numbers that stand for LOW and HIGH in the table, in either unit.
const (
	wordLow  = "0"
	wordHigh = "9999"
)

func everyoneColumns() []everyoneColumn {
	var columns []everyoneColumn
	for _, u := range units() {
		columns = append(columns, glucoseColumn(u.name, u, fresh()))
	}
	columns = append(columns,
		everyoneColumn{"Trend", both(newest("dexcom_glucose_trend"), age()+live), "", words(arrows()...)},
		everyoneColumn{"Age", ageBy(remembered("dexcom_glucose_timestamp_seconds")), "no reading", inColours("s", 0, "text", step{15 * 60, grey})})
	for _, u := range units() {
		late := glucoseColumn("late "+u.name, u, "("+both(newest("dexcom_glucose_mg_dl"), age()+late())+")")
		late.look = append(late.look, coloured("color-text"), fixedColour(muted))
		columns = append(columns, late)
	}
	return append(columns, careColumns()...)
}

// careColumns are what somebody looks after during the day.
func careColumns() []everyoneColumn {
	const day = " / (24 * 3600)"
	linked := "(" + latest("dexcom_exporter_linked") + ")"
	needless := "2 * group by (account) (" + latest("dexcom_exporter_account_info", `api="false"`) + ")"
	return []everyoneColumn{
		{"In range, 24 h", latest("dexcom_time_in_range_ratio", `window="24h"`, `range="target"`), "too few", numeric("percentunit", 0)},
		{
			"Sensor left", "(" + latest("dexcom_sensor_expiry_timestamp_seconds") + " - time())" + day, "unknown",
			inColours("suffix: d", 1, "red", step{0, "orange"}, step{1, "text"}),
		},
		{"Link", first(linked, needless), "unknown", append(words(linkWords()...), coloured("color-text"))},
		{
			"Consent's age", both("(time() - "+latest("dexcom_exporter_consent_timestamp_seconds")+")"+day, linked+" == 1"), "none",
			inColours("suffix: d", 0, "text", step{350, "orange"}),
		},
	}
}

func linkWords() []shown {
	return []shown{
		{value: "1", text: "linked", colour: "green"},
		{value: "0", text: "must be linked", colour: "red"},
		{value: "2", text: "none needed", colour: "text"},
	}
}

// glucoseColumn is there while its unit is chosen: so each has the decimals of its
// own.
func glucoseColumn(headline string, u unit, value string) everyoneColumn {
	low, high := value+" <= "+lowest, value+" >= "+highest
	number := first("("+value+" > "+lowest+" < "+highest+")"+inUnit,
		wordLow+" * group by (account) ("+low+")", wordHigh+" * group by (account) ("+high+")")
	return everyoneColumn{
		headline: headline, none: "",
		expr: fmt.Sprintf("(%s)\nand on () (vector($unit) == %s)", number, u.value()),
		look: append(words(shown{value: wordLow, text: "LOW"}, shown{value: wordHigh, text: "HIGH"}),
			dashboard.DynamicConfigValue{Id: "decimals", Value: u.decimals}),
	}
}

func numeric(unit string, decimals int) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "unit", Value: unit}, {Id: "decimals", Value: decimals}}
}

func words(words ...shown) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "mappings", Value: mapping(words...)}}
}

func coloured(cell string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: map[string]string{"type": cell}}
}

// inColours shows a number with the colour of its step.
func inColours(unit string, decimals int, below string, above ...step) []dashboard.DynamicConfigValue {
	all, _ := steps(below, above...).Build()
	return append(numeric(unit, decimals), coloured("color-text"),
		dashboard.DynamicConfigValue{Id: "color", Value: map[string]string{"mode": "thresholds"}},
		dashboard.DynamicConfigValue{Id: "thresholds", Value: all})
}

// everyoneAbout asks for the urgency first, and then for each column.
func everyoneAbout() about {
	queries := []query{{expr: "topk($rows, " + urgency() + ")", table: true}}
	for _, column := range everyoneColumns() {
		queries = append(queries, query{expr: column.expr, table: true})
	}
	return everyones(about{
		title: "Everyone, worst first, " + unitName, width: 24, height: 22,
		description: "Who needs somebody? A name leads to the person's Glucose dashboard. A value, its trend and a state without *was* or *late* are " +
			"of the last 15 minutes; an older value stands under *late*, with a grey age, until the exporter hides it. " +
			"What was low stays here as *was low* for a day, until a newer reading, as the alerts do. " +
			"Low and high, falling and rising fast are by the person's own alerts of the Dexcom app, else 70 and 250 mg/dL (3.9 and 13.9 mmol/L), 3 mg/dL (0.17 mmol/L) a minute. " +
			disclaimer + " The order:\n\n" + toldOrder(),
		empty:   nobody,
		queries: queries,
	})
}

func everyoneTable() cog.Builder[dashboard.Panel] {
	const first = "Value #A"
	b := tell(table.NewPanelBuilder(), everyoneAbout()).
		ShowHeader(true).CellHeight(common.TableCellHeightSm).
		OverrideByName("account", append(named("Name"), toGlucose())).
		OverrideByName("state", append(named("State", stateWords()...), coloured("color-background"),
			dashboard.DynamicConfigValue{Id: "custom.width", Value: 230}))
	order := []string{"account", "state"}
	for i, column := range everyoneColumns() {
		name := "Value #" + refID(i+1)
		order = append(order, name)
		b.OverrideByName(name, append(append(named(column.headline), column.look...), dashboard.DynamicConfigValue{Id: "noValue", Value: column.none}))
	}
	for _, t := range joined(first) {
		b.WithTransformation(t)
	}
	return arranged(b, map[string]bool{first: true}, order...).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).EnablePagination(true).Reducer([]string{}))
}

// joined makes one table of those of the queries: of the people who are in the
// first, by its value.
func joined(first string) []dashboard.DataTransformerConfig {
	return []dashboard.DataTransformerConfig{
		{Id: "filterFieldsByName", Options: map[string]any{"include": map[string]string{"pattern": "^(account|state|Value.*)$"}}},
		{Id: "joinByField", Options: map[string]string{"byField": "account", "mode": "outer"}},
		{Id: "filterByValue", Options: map[string]any{"type": "include", "match": "all", "filters": []any{map[string]any{
			"fieldName": first, "config": map[string]any{"id": "greater", "options": map[string]int{"value": 0}},
		}}}},
		{Id: "sortBy", Options: map[string]any{"fields": map[string]any{}, "sort": []any{map[string]any{"field": first, "desc": true}}}},
	}
}

// toGlucose leads from a name to the person's dashboard, with the same time.
func toGlucose() dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "links", Value: []map[string]any{{
		"title":       "Glucose of ${__value.text}",
		"url":         "/d/" + glucose().uid + "?var-account=${__value.raw}&${datasource:queryparam}&${unit:queryparam}&${__url_time_range}",
		"targetBlank": false,
	}}}
}
