package collector

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// answer is what one scrape of /readings is given. A clinic's has hundreds of thousands
// of samples: the room they are written in is used again.
type answer struct {
	families [3]*dto.MetricFamily // of [Metrics]
	room     []*exposed
	taken    int // of the room
}

// exposed is a sample in the form in which it is written: one piece of memory for what
// its pointers point to.
type exposed struct {
	metric    dto.Metric
	gauge     dto.Gauge
	value     float64
	unixMilli int64
}

func newAnswer() *answer {
	a := &answer{}
	for i, metric := range Metrics() {
		name, help, kind := string(metric), metric.Help(), dto.MetricType_GAUGE
		a.families[i] = &dto.MetricFamily{Name: &name, Help: &help, Type: &kind}
	}
	return a
}

// clear makes it as new, but for its room.
func (a *answer) clear() {
	a.taken = 0
	for _, family := range a.families {
		family.Metric = family.Metric[:0]
	}
}

// add adds a sample to the family of a place in [Metrics].
func (a *answer) add(family int, labels []*dto.LabelPair, p post) {
	if a.taken == len(a.room) {
		a.grow()
	}
	e := a.room[a.taken]
	a.taken++
	e.value, e.unixMilli, e.metric.Label = p.value, p.unixMilli, labels
	a.families[family].Metric = append(a.families[family].Metric, &e.metric)
}

// grow makes room for as many samples again.
func (a *answer) grow() {
	const least = 64
	more := make([]exposed, max(least, len(a.room)))
	for i := range more {
		e := &more[i]
		e.gauge.Value = &e.value
		e.metric.Gauge, e.metric.TimestampMs = &e.gauge, &e.unixMilli
		a.room = append(a.room, e)
	}
}

// list gives the families that have samples, in order of their names, as a Gatherer
// does.
func (a *answer) list() []*dto.MetricFamily {
	some := slices.DeleteFunc(slices.Clone(a.families[:]), func(family *dto.MetricFamily) bool { return len(family.Metric) == 0 })
	slices.SortFunc(some, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return some
}
