package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// columns puts the columns of a table into order and hides time and account, which
// are the dashboard's.
func columns(b *table.PanelBuilder, order ...string) *table.PanelBuilder {
	return arranged(b, map[string]bool{"Time": true, "account": true}, order...)
}

// arranged puts the columns of a table into order and hides some.
func arranged(b *table.PanelBuilder, hidden map[string]bool, order ...string) *table.PanelBuilder {
	index := map[string]int{}
	for i, name := range order {
		index[name] = i
	}
	b = b.Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	return b.WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": hidden,
		"indexByName":   index,
		"renameByName":  map[string]string{},
	}})
}

// named gives a column a headline, and its values words.
func named(headline string, words ...shown) []dashboard.DynamicConfigValue {
	properties := []dashboard.DynamicConfigValue{{Id: "displayName", Value: headline}}
	if len(words) > 0 {
		properties = append(properties, dashboard.DynamicConfigValue{Id: "mappings", Value: mapping(words...)})
	}
	return properties
}
