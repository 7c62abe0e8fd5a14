package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// requestRow is how Dexcom answers, and how much it may be asked.
func requestRow() row {
	return row{title: "Requests to Dexcom", panels: []cog.Builder[dashboard.Panel]{
		stacked(lines(requestPanel())).Decimals(0),
		lines(latencyPanel()).Unit("s").
			OverrideByRegexp("/50 %$/", []dashboard.DynamicConfigValue{dashedLine()}),
		lines(budgetPanel()).Decimals(0).
			OverrideByRegexp("/^budget/", []dashboard.DynamicConfigValue{fixedColour("red"), dashedLine()}),
		lines(waitPanel()).Unit("s").Decimals(0),
	}}
}

const unasked = "no request in this time, or no exporter"

func requestPanel() about {
	return about{
		title: "Requests by status, in 15 minutes", width: 12, height: 9,
		description: "How many requests got which HTTP status, in the 15 minutes before each moment; *error* got no answer. 429 is too many requests, " +
			"401 a token that is not accepted, 5xx Dexcom's own trouble.",
		empty: unasked,
		queries: []query{{
			expr:   grew("source, code", "15m", "source, endpoint, code", ours("dexcom_exporter_api_requests_total")) + " > 0",
			legend: "{{source}} {{code}}", overall: true,
		}},
	}
}

func latencyPanel() about {
	const metric = "dexcom_exporter_api_request_duration_seconds"
	return about{
		title: "Latency by endpoint", width: 12, height: 9,
		description: "How long Dexcom takes to answer: 95 of 100 requests of the last 15 minutes were faster than the line, half of them than the dashed one. " +
			"90 s is the highest that is told apart.",
		empty: unasked,
		queries: []query{
			{expr: quantile("0.95", "source, endpoint", "15m", metric), legend: "{{source}} {{endpoint}} · 95 %", overall: true},
			{expr: quantile("0.5", "source, endpoint", "15m", metric), legend: "{{source}} {{endpoint}} · 50 %", overall: true},
		},
	}
}

func budgetPanel() about {
	return about{
		title: "Rate limit: requests of an hour", width: 12, height: 8,
		description: "How much of the budget of an app is used: requests to the official API in the hour before each moment, below the dashed line of what " +
			"dexcom_exporter_rate_limit_calls_per_hour allows in each region. The requests are those of all regions together.",
		empty: "no request to the official API: Dexcom Share alone, or no exporter",
		queries: []query{
			{expr: "sum(" + grew("source", "1h", "source, endpoint, code", ours("dexcom_exporter_api_requests_total", `source="api"`)) + ")", legend: "requests", overall: true},
			{expr: by("instance, region", ours("dexcom_exporter_rate_limit_calls_per_hour")), legend: "budget of {{region}}, {{instance}}", overall: true},
		},
	}
}

func waitPanel() about {
	return about{
		title: "Rate limit: time waited, in 15 minutes", width: 12, height: 8,
		description: "How long requests waited for that budget, all together. Above 0 for hours: too many accounts for one app, or polls too often.",
		empty:       "no budget: Dexcom Share alone, or no exporter",
		queries: []query{{
			expr: grew("region", "15m", "region", ours("dexcom_exporter_rate_limit_wait_seconds_total")), legend: "{{region}}", overall: true,
		}},
	}
}
