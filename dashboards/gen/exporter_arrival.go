package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// arrivalRow is how readings come in and go out.
func arrivalRow() row {
	return row{title: "Readings", panels: []cog.Builder[dashboard.Panel]{
		lines(delayPanel()).Unit("s").
			OverrideByRegexp("/50 %$/", []dashboard.DynamicConfigValue{dashedLine()}),
		skippedPanel(),
		alarmed(missedPanel(), "orange"),
		lines(otlpPanel()).Decimals(0),
		alarmed(otlpFailurePanel(), "red"),
	}}
}

func delayPanel() about {
	const metric = "dexcom_exporter_reading_delay_seconds"
	return about{
		title: "Delay of readings by source", width: 12, height: 9,
		description: "How late readings arrive: of those of the last hour 95 of 100 were younger than the line, half of them than the dashed one. " +
			"Dexcom Share takes minutes; the official API an hour in the United States and three elsewhere, and what a phone was offline.",
		empty: "no reading arrived in this time, or no exporter",
		queries: []query{
			{expr: quantile("0.95", "source", "1h", metric), legend: "{{source}} · 95 %", overall: true},
			{expr: quantile("0.5", "source", "1h", metric), legend: "{{source}} · 50 %", overall: true},
		},
	}
}

func skippedAbout() about {
	skipped := grew("endpoint, reason", "$__range", "endpoint, reason", ours("dexcom_exporter_records_skipped_total"))
	return about{
		title: "Records left out, and why", width: 8, height: 9,
		description: "What Dexcom sent in the time shown above right and the program could not use. Many of a kind: Dexcom changed something, please report it.",
		empty:       "none was left out in this time, or no exporter",
		queries:     []query{{expr: "round(" + skipped + ") > 0", table: true}},
	}
}

func skippedPanel() cog.Builder[dashboard.Panel] {
	b := tell(table.NewPanelBuilder(), skippedAbout())
	return columns(b, "endpoint", "reason", "Value").
		OverrideByName("endpoint", named("Endpoint")).
		OverrideByName("reason", named("Reason", reasons()...)).
		OverrideByName("Value", append(named("Records"), dashboard.DynamicConfigValue{Id: "decimals", Value: 0}))
}

func reasons() []shown {
	return []shown{
		{value: "type", text: "not a record at all"},
		{value: "time", text: "no time, or one before 2006"},
		{value: "value", text: "no value, or an impossible one"},
		{value: "duplicate", text: "another reading has the same time"},
		{value: "future", text: "its time has not come"},
	}
}

func missedPanel() about {
	return about{
		title: "Missed by the replay gauge", width: 4, height: 9,
		description: "How many readings arrived later than replay_lag in the time shown above right: they are never on dexcom_glucose_replay_mg_dl. " +
			"If that is often, raise replay_lag. /readings, OTLP and the counters have them.",
		empty:   silent,
		queries: []query{{expr: "round(sum(" + grew("account", "$__range", "account", ours("dexcom_exporter_replay_missed_total")) + "))", legend: "readings"}},
	}
}

func otlpPanel() about {
	return about{
		title: "OTLP samples, in 15 minutes", width: 16, height: 8,
		description: "What became of the samples for the OTLP receiver, in the 15 minutes before each moment: accepted, refused for good, or expired " +
			"before they were accepted. Refused ones are older than the receiver's window.",
		empty: "no exporter: without otlp in its configuration all are 0",
		queries: []query{{
			expr: grew("result", "15m", "result", ours("dexcom_exporter_otlp_samples_total")), legend: "{{result}}", overall: true,
		}},
	}
}

func otlpFailurePanel() about {
	return about{
		title: "OTLP requests failed", width: 8, height: 8,
		description: "How many requests to the OTLP receiver failed in the time shown above right. Their readings are sent again, until they are older than otlp.max_age.",
		empty:       silent,
		queries:     []query{{expr: "round(sum(" + by("instance", "increase("+ours("dexcom_exporter_otlp_failures_total")+"[$__range])") + "))", legend: "requests"}},
	}
}
