package main

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// query is what a panel asks Prometheus.
type query struct {
	expr    string
	legend  string
	overall bool // a series over the time that is shown, not one value at its end
	table   bool // labels become columns
}

func (q query) target(refID string) cog.Builder[variants.Dataquery] {
	b := prometheus.NewDataqueryBuilder().RefId(refID).Datasource(chosenDatasource()).
		EditorMode(prometheus.QueryEditorModeCode).Expr(q.expr).LegendFormat(q.legend).Format(prometheus.PromQueryFormatTimeSeries)
	if q.table {
		b.Format(prometheus.PromQueryFormatTable)
	}
	if q.overall {
		return b.Range()
	}
	return b.Instant()
}

// of selects a metric of the chosen person; matchers are like `alert="low"`.
func of(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`account="$account"`}, matchers...), ", ") + "}"
}

// latest is the value of a metric of the chosen person, once, although two jobs may
// scrape one exporter.
func latest(metric string, matchers ...string) string { return by("account", of(metric, matchers...)) }

// newest is the value of a metric that belongs to the newest reading of the chosen
// person: two jobs do not scrape at the same time, and an old value must not get the
// age of a new one.
func newest(metric string) string {
	when := of("dexcom_glucose_timestamp_seconds")
	return by("account", fmt.Sprintf("%s and (%s == on (account) group_left () %s)", of(metric), when, by("account", when)))
}

// by is a selection, once for each value of the labels, account among them.
func by(labels, selection string) string { return fmt.Sprintf("max by (%s) (%s)", labels, selection) }

// counted is by how much a counter grew over the time that is shown.
func counted(labels, selection string) string {
	return by(labels, "increase("+selection+"[$__range])")
}

// both keeps what left has where right has anything.
func both(left, right string) string { return fmt.Sprintf("(%s)\nand on (account) (%s)", left, right) }

// without keeps what left has where right has nothing.
func without(left, right string) string {
	return fmt.Sprintf("(%s)\nunless on (account) (%s)", left, right)
}

// first is the first of the expressions that has a value.
func first(exprs ...string) string { return strings.Join(exprs, "\nor on (account) ") }

// labelled gives an expression a label.
func labelled(expr, label, text string) string {
	return fmt.Sprintf("label_replace(%s, %q, %q, \"\", \"\")", expr, label, text)
}

// word is the text for a value that the condition keeps.
type word struct {
	condition string
	text      string
}

// spoken gives an expression a label with the text of the first condition that
// holds.
func spoken(expr, label string, words []word) string {
	cases := make([]string, len(words))
	for i, w := range words {
		cases[i] = labelled(expr+" "+w.condition, label, w.text)
	}
	return first(cases...)
}
