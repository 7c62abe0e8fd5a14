package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// lagQuery is how late the replay gauge is, of an exporter that has stopped, too. It
// always has an answer: without a lag no query of the trace could be read.
const lagQuery = `round(max by (account) (last_over_time(dexcom_exporter_replay_lag_seconds{account="$account"}[7d]))) or on () vector(9000)`

// lagOfResult finds the seconds in Grafana's text of that answer, which is labels,
// value and time.
const lagOfResult = `/} (\d+) /`

// lagVariable is hidden: an offset must be a number, which no query can give.
func lagVariable() cog.Builder[dashboard.VariableModel] {
	const query = "query_result(" + lagQuery + ")"
	return dashboard.NewQueryVariableBuilder("lag").Label("Replay lag").
		Description("Seconds by which dexcom_glucose_replay_mg_dl is late").
		Hide(dashboard.VariableHideHideVariable).Datasource(chosenDatasource()).AllowCustomValue(false).
		Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 3, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}}).
		Regex(lagOfResult).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortDisabled)
}
