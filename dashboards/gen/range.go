package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// rangeRow says how the readings that arrived share out among the ranges.
func rangeRow() row {
	return row{title: "Time in range", panels: []cog.Builder[dashboard.Panel]{bar(rangePanel()), figure(arrivedPanel()).Decimals(0), targets()}}
}

// arrivals is how many readings arrived in the time that is shown.
func arrivals() string {
	return "sum by (account) (" + counted("account, range", of("dexcom_egvs_total")) + ")"
}

func rangePanel() about {
	var queries []query
	for _, band := range bands() {
		inBand := counted("account", of("dexcom_egvs_total", fmt.Sprintf("range=%q", band.counter)))
		queries = append(queries, query{expr: "100 * " + inBand + "\n/ on (account) (" + arrivals() + " > 0)", legend: band.name})
	}
	why := first(because(dead(), whyDead), because(latest("dexcom_exporter_account_info"), "no reading arrived in this time"))
	return about{
		title: "Time in range of the readings that arrived", width: 14, height: 7,
		description: "Shares of the readings that arrived here in the time shown above right, by dexcom_egvs_total: every reading once, when it " +
			"arrives, late ones and those of a batch too. So with the official API the first hours of that time show what was measured before it, " +
			"and its last hours are missing. History from before the exporter first ran is not counted. " +
			"In range is 70 to 180 mg/dL (3.9 to 10.0 mmol/L); 63 to 140 (3.5 to 7.8) with target_range: pregnancy.",
		empty:   "no value: the data source does not answer",
		queries: append(queries, noValue("100 * ("+without(why, arrivals()+" > 0")+")")),
	}
}

// windowPanel has the shares that the exporter computed of the window.
func windowPanel() about {
	var queries []query
	for _, band := range bands() {
		queries = append(queries, query{expr: "100 * " + share(band.counter), legend: band.name})
	}
	why := first(because(dead(), whyDead), because(latest("dexcom_exporter_account_info"), "too little data in the window"))
	return about{
		title: "Time in range of the window", width: 24, height: 5,
		description: "How much of the window was glucose in each range? Every reading that the exporter keeps counts once, at its own time. " +
			"The ranges are those of the account's target_range, as in the trace.",
		empty:   "no value: the data source does not answer",
		queries: append(queries, noValue("100 * ("+without(why, share(".+"))+")")),
	}
}

func arrivedPanel() about {
	return about{
		title: "Readings that arrived", width: 4, height: 7,
		description: "How many readings the bar beside is made of. A sensor makes 288 a day, one every five minutes.",
		empty:       "unknown: no exporter answered in this time, or Prometheus scraped less than twice",
		queries:     []query{{expr: "round(" + arrivals() + ")", legend: "in the time shown"}},
	}
}
