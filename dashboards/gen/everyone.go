package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// everyone is the dashboard of a family, a school or a clinic.
func everyone() page {
	return page{
		uid: "dexcom-everyone", title: "Everyone", from: "now-24h",
		variables:   []cog.Builder[dashboard.VariableModel]{datasourceVariable(), findVariable(), rowsVariable(), unitVariable()},
		description: "A row a person, worst first, from dexcom_exporter. A name leads to the person's Glucose dashboard. " + disclaimer,
		rows: []row{{title: "Everyone", panels: []cog.Builder[dashboard.Panel]{
			disclaimerText(), peopleCount(), lowCount(), silentCount(), unlinkedCount(), failingCount(), everyoneTable(),
		}}},
	}
}

// everybody selects the people whose names begin with the reader's words: all, when
// there are none.
const everybody = `account=~"$find.*"`

// everyones asks a panel's questions, which are about the chosen person, of everybody.
// They may be asked so, because all of them aggregate by account and match by it.
func everyones(a about) about {
	queries := make([]query, len(a.queries))
	for i, q := range a.queries {
		queries[i] = q
		queries[i].expr = strings.ReplaceAll(q.expr, `account="$account"`, everybody)
	}
	a.queries = queries
	return a
}

func findVariable() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewTextBoxVariableBuilder("find").Label("Find").
		Description("How names begin, or a regular expression: ward-3, alice|bob, .*son. Empty: everyone").
		DefaultValue(dashboard.StringOrMap{String: new("")})
}

// rowsVariable keeps the table of a thousand people short; the worst are always in it.
func rowsVariable() cog.Builder[dashboard.VariableModel] {
	var counts []choice
	for _, count := range []string{"25", "100", "1000", "10000"} {
		counts = append(counts, choice{count, count})
	}
	return choose("rows", "Rows", "How many people the table shows at most: the worst", 1, counts...)
}
