package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// mark is a kind of events that is marked on what goes over time.
type mark struct {
	name    string
	matcher []string
	title   string
	colour  string
}

func marks() []mark {
	return []mark{
		{"Carbohydrates", []string{`type="carbs"`}, "{{amount}} g of carbohydrates", "orange"},
		{"Insulin", []string{`type="insulin"`, `subtype!="longActing"`}, "{{amount}} units of insulin", "blue"},
		{"Long-acting insulin", []string{`type="insulin"`, `subtype="longActing"`}, "{{amount}} units of long-acting insulin", "purple"},
		{"Exercise", []string{`type="exercise"`}, "{{amount}} minutes of {{subtype}} exercise", "green"},
	}
}

// expr is the time of the last event of a step in milliseconds, with the labels amount,
// which is what all events of the step add up to, and at, which keeps Grafana from
// joining marks of the same amount to one.
//
// Grafana asks in a hundred steps or so, whatever the time that is shown.
func (m mark) expr() string {
	const labels = "account, subtype"
	event := of("dexcom_event_value", m.matcher...)
	amount := by(labels, "sum_over_time("+event+"[$__interval])")
	at := by(labels, "max_over_time(timestamp("+event+")[$__interval:1m])") + " * 1000"
	return fmt.Sprintf("count_values by (%s) (\"amount\", %s)\n* on (%s) group_left (at) count_values by (%s) (\"at\", %s)\n* on (%s) group_left () (%s)",
		labels, amount, labels, labels, at, labels, at)
}

func annotations() []cog.Builder[dashboard.AnnotationQuery] {
	var all []cog.Builder[dashboard.AnnotationQuery]
	for _, m := range marks() {
		const step = "60s"
		target := prometheus.NewDataqueryBuilder().RefId("Anno").Datasource(chosenDatasource()).
			EditorMode(prometheus.QueryEditorModeCode).Expr(m.expr()).Interval(step).Range()
		all = append(all, dashboard.NewAnnotationQueryBuilder().Name(m.name).Datasource(chosenDatasource()).
			Enable(true).IconColor(m.colour).Target(target).
			Expr(m.expr()).Step(step).TitleFormat(m.title).TextFormat("").TagKeys("").UseValueForTime(true))
	}
	return all
}

// eventRow is what the person wrote down.
func eventRow() row {
	return row{title: "Events", panels: []cog.Builder[dashboard.Panel]{
		figure(writtenPanel()).
			OverrideByRegexp("/^exercise/", []dashboard.DynamicConfigValue{{Id: "unit", Value: "s"}}),
		figure(markedPanel()).Decimals(0),
	}}
}

func writtenPanel() about {
	return about{
		title: "Written down in 24 hours", width: 16, height: 5,
		description: "How much carbohydrates, insulin and exercise did the person write down in the Dexcom app? As late as the readings. 0: nothing; notes are never read.",
		empty:       "unknown: Dexcom Share alone, nothing uploaded for 24 hours, or the account's `events` does not ask for it",
		queries: []query{
			{expr: latest("dexcom_event_carbs_grams"), legend: "carbohydrates, g"},
			{expr: by("account, subtype", of("dexcom_event_insulin_units")), legend: "insulin, units: {{subtype}}"},
			{expr: by("account, subtype", of("dexcom_event_exercise_seconds")), legend: "exercise: {{subtype}}"},
		},
	}
}

func markedPanel() about {
	return about{
		title: "Marked on the trace", width: 8, height: 5,
		description: "How many events in the time shown does Prometheus have at their own times? It gets them by /readings or OTLP alone: the replay gauge has none.",
		empty:       "none: nothing written down, or Prometheus has neither the job for /readings nor OTLP (docs/late-data.md)",
		queries: []query{{
			expr:   "sum by (account) (" + by("account, type, subtype", "count_over_time("+of("dexcom_event_value")+"[$__range])") + ")",
			legend: "events in the time shown",
		}},
	}
}
