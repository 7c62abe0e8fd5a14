package main

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// exporter is the dashboard of whoever runs the program.
func exporter() page {
	return page{
		uid: "dexcom-exporter", title: "Exporter", from: "now-24h",
		variables:   []cog.Builder[dashboard.VariableModel]{datasourceVariable(), instanceVariable()},
		description: "How dexcom_exporter itself does: its polls, its requests to Dexcom, the way of its readings, its process. " + disclaimer,
		rows:        []row{healthRow(), pollRow(), requestRow(), arrivalRow(), processRow()},
	}
}

// instanceVariable is the programs that Prometheus scrapes; all of them, unless the
// reader chooses.
func instanceVariable() cog.Builder[dashboard.VariableModel] {
	const query = "label_values(dexcom_exporter_build_info, instance)"
	return dashboard.NewQueryVariableBuilder("instance").Label("Exporter").
		Description("The exporters by their address; all, unless chosen").
		Datasource(chosenDatasource()).AllowCustomValue(false).
		Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}}).
		Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Selected: new(true),
			Text:     dashboard.StringOrArrayOfString{String: new("All")},
			Value:    dashboard.StringOrArrayOfString{String: new("$__all")},
		}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
}

// ours selects a metric of the chosen exporters; matchers are like `source="api"`.
func ours(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`instance=~"$instance"`}, matchers...), ", ") + "}"
}

// process selects a metric that many programs have, of the chosen exporters.
func process(metric string) string {
	return ours(metric) + " and on (job, instance) " + ours("dexcom_exporter_build_info")
}

// grew is by how much a counter grew within a time, summed over all labels but some.
// Two jobs may scrape one exporter, which must not double: it is one instance.
func grew(labels, within, all, selection string) string {
	once := by("instance, "+all, fmt.Sprintf("increase(%s[%s])", selection, within))
	return fmt.Sprintf("sum by (%s) (%s)", labels, once)
}

// quantile is one of a histogram's values within a time, by some labels, where there
// was anything.
func quantile(q, labels, within, metric string) string {
	return fmt.Sprintf("histogram_quantile(%s, %s) >= 0", q, grew(labels+", le", within, labels+", le", ours(metric+"_bucket")))
}

// lines is a panel of values over time.
func lines(a about) *timeseries.PanelBuilder {
	return tell(timeseries.NewPanelBuilder(), a).
		Interval("1m").Min(0).LineWidth(1).FillOpacity(0).ShowPoints(common.VisibilityModeAuto).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(tooltip(common.TooltipDisplayModeMulti))
}

// stacked fills the lines and puts them upon each other.
func stacked(b *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return b.FillOpacity(30).Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
}

// dashedLine is for what others are measured against.
func dashedLine() dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{6, 6}}}
}
