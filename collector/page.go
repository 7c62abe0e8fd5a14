package collector

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// line is one series of a scrape. The constant metrics of client_golang make each
// label of each series anew; these share them: a clinic has hundreds of thousands.
type line struct {
	*shownRow

	labels []*dto.LabelPair // in order of their names; empty when they are not those of the row
	value  float64
	gauge  dto.Gauge // of the value
}

// Desc implements prometheus.Metric.
func (l *line) Desc() *prometheus.Desc { return l.desc }

// Write implements prometheus.Metric.
func (l *line) Write(out *dto.Metric) error {
	if len(l.labels) == 0 {
		return fmt.Errorf("write %s: a series has other labels than its row", l.name)
	}
	out.Label = l.labels
	if l.kind == prometheus.CounterValue {
		out.Counter = &dto.Counter{Value: &l.value}
		return nil
	}
	l.gauge.Value = &l.value
	out.Gauge = &l.gauge
	return nil
}

// shownRow is a row of the table with what all its series have in common.
type shownRow struct {
	row

	desc *prometheus.Desc
	// order are the places of its labels in order of their names. All of them come after
	// account.
	order []int
}

func showRow(r row) *shownRow {
	shown := &shownRow{row: r, desc: r.desc(), order: make([]int, len(r.labels))}
	for i := range shown.order {
		shown.order[i] = i
	}
	slices.SortFunc(shown.order, func(i, j int) int { return strings.Compare(r.labels[i], r.labels[j]) })
	return shown
}

// page is what one scrape shows. It serves one scrape after the other, not two at once.
type page struct {
	rows   []*shownRow
	known  map[string]map[string]*dto.LabelPair // by name and value
	lines  []line
	labels []*dto.LabelPair // of the lines
	// How many lines and labels the account before had.
	linesBefore, labelsBefore int
}

func newPage(rows []*shownRow) *page {
	p := &page{rows: rows, known: map[string]map[string]*dto.LabelPair{}}
	for _, row := range rows {
		for _, name := range row.labels {
			p.known[name] = map[string]*dto.LabelPair{}
		}
	}
	return p
}

// of gives all series of an account, in memory of their own, which is likely to be as
// much as that of the account before.
func (p *page) of(s Snapshot) []line {
	p.lines, p.labels = make([]line, 0, p.linesBefore), make([]*dto.LabelPair, 0, p.labelsBefore)
	defer func() {
		p.linesBefore, p.labelsBefore = len(p.lines), len(p.labels)
		p.lines, p.labels = nil, nil
	}()
	account := labelPair("account", s.Account)
	for _, row := range p.rows {
		first := len(p.lines)
		row.read(s, func(value float64, values ...string) {
			p.lines = append(p.lines, line{shownRow: row, labels: p.label(row, account, values), value: value})
		})
		sort.Sort(byLabels(p.lines[first:]))
	}
	return p.lines
}

// byLabels is the order in which a registry gives the series of one row and account. It
// takes long to sort hundreds of thousands, unless they are sorted.
type byLabels []line

func (l byLabels) Len() int { return len(l) }

func (l byLabels) Less(i, j int) bool {
	return slices.CompareFunc(l[i].labels, l[j].labels, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetValue(), b.GetValue()) }) < 0
}

func (l byLabels) Swap(i, j int) {
	l[i].labels, l[j].labels, l[i].value, l[j].value = l[j].labels, l[i].labels, l[j].value, l[i].value
}

// mostKnown is of how many values of a label the pairs are shared: there are dozens.
const mostKnown = 1000

// label gives the labels of a series.
func (p *page) label(row *shownRow, account *dto.LabelPair, values []string) []*dto.LabelPair {
	if len(values) != len(row.labels) {
		return nil
	}
	first := len(p.labels)
	p.labels = append(p.labels, account)
	for _, place := range row.order {
		known, value := p.known[row.labels[place]], values[place]
		pair := known[value]
		if pair == nil {
			if len(known) >= mostKnown {
				clear(known)
			}
			pair = labelPair(row.labels[place], value)
			known[value] = pair
		}
		p.labels = append(p.labels, pair)
	}
	return slices.Clip(p.labels[first:])
}

func labelPair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
