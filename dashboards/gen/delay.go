package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// delayRow is how late readings are, and what of them reaches the trace.
func delayRow() row {
	return row{title: "Late readings", panels: []cog.Builder[dashboard.Panel]{
		figure(latePanel()).Unit("s").Decimals(0),
		figure(lagPanel()).Unit("s").Decimals(0),
		figure(unreplayedPanel()).Decimals(0),
		figure(ownTimesPanel()).Decimals(0),
	}}
}

// delay is within which time a part of the readings arrived, of all people of the
// exporter that has this one: it does not tell them apart.
func delay(part string) string {
	grown := by("account, source, le", "increase(dexcom_exporter_reading_delay_seconds_bucket[$__range])"+
		"\n* on (job, instance) group_left (account) "+by("account, job, instance", of("dexcom_exporter_account_info")))
	return fmt.Sprintf("histogram_quantile(%s, %s) >= 0", part, grown) // without arrivals it is NaN
}

func latePanel() about {
	return about{
		title: "Delay, all people of this exporter", width: 9, height: 5,
		description: "How long after a reading does it arrive here? Of those that arrived in the time shown, by source. The official API is an hour or more late on purpose, and as late as the upload.",
		empty:       "unknown: no reading arrived in this time, or Prometheus scraped less than twice",
		queries: []query{
			{expr: delay("0.5"), legend: "half within: {{source}}"},
			{expr: delay("0.95"), legend: "19 of 20 within: {{source}}"},
		},
	}
}

func lagPanel() about {
	return about{
		title: "Replay lag", width: 4, height: 5,
		description: "How far does the trace shift the replay gauge back? A reading that arrives later than this is not on it. It is the account's replay_lag.",
		empty:       silent,
		queries:     []query{{expr: latest("dexcom_exporter_replay_lag_seconds"), legend: "later than this: missed"}},
	}
}

func unreplayedPanel() about {
	return about{
		title: "Missed by the replay", width: 5, height: 5,
		description: "How many readings of the time shown came too late for the replay gauge? Often above 0: raise the account's replay_lag, or let Prometheus scrape /readings.",
		empty:       "unknown: the exporter does not answer, or Prometheus scraped less than twice",
		queries:     []query{{expr: "round(" + counted("account", of("dexcom_exporter_replay_missed_total")) + ")", legend: "in the time shown"}},
	}
}

func ownTimesPanel() about {
	return about{
		title: "Readings at their own times", width: 6, height: 5,
		description: "How many readings of the time shown does Prometheus have at their own times, from /readings or OTLP? A sensor makes 288 a day.",
		empty:       "none: Prometheus has neither the job for /readings nor OTLP, or no out-of-order window (docs/late-data.md); the trace is replayed",
		queries:     []query{{expr: by("account", "count_over_time("+of("dexcom_egv_mg_dl")+"[$__range])"), legend: "in the time shown"}},
	}
}
