package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// variables are what the reader chooses at the top of a dashboard.
func variables() []cog.Builder[dashboard.VariableModel] {
	return []cog.Builder[dashboard.VariableModel]{datasourceVariable(), accountVariable(), unitVariable()}
}

func datasourceVariable() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")
}

// accountVariable is one person of those in the configuration, with or without
// readings.
func accountVariable() cog.Builder[dashboard.VariableModel] {
	const query = "label_values(dexcom_exporter_account_info, account)"
	return dashboard.NewQueryVariableBuilder("account").Label("Account").
		Description("The name of the person in the exporter's configuration").
		Datasource(chosenDatasource()).AllowCustomValue(false).
		Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
}

// chosenDatasource is the Prometheus that the reader chose.
func chosenDatasource() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}
