package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// openMetrics writes the past as OpenMetrics text, which wants all of a metric
// together, and of it all of a series, in order of time. Accounts are added one
// after the other, each with its chapters and an end.
//
// The readings go straight through. What has to follow them waits in files: the
// rates as they come, the events once all of an account are known.
type openMetrics struct {
	out    *output
	egvs   *family
	rates  *family
	events *family
	later  []*os.File // of rates and events
	diary  map[collector.Series][]timed

	oldest time.Time // of all readings and events; zero without any
}

// timed is a value at its time.
type timed struct {
	unixMilli int64
	value     float64
}

func newOpenMetrics(out *output) (*openMetrics, error) {
	text := &openMetrics{out: out, diary: map[collector.Series][]timed{}}
	for range 2 {
		file, err := out.spool()
		if err != nil {
			text.close()
			return nil, err
		}
		text.later = append(text.later, file)
	}
	text.egvs = &family{out: out, metric: collector.EGV}
	text.rates = &family{out: text.later[0], metric: collector.EGVRate}
	text.events = &family{out: text.later[1], metric: collector.Event}
	return text, nil
}

// add takes the next chapter of an account.
func (m *openMetrics) add(account string, c chapter) error {
	egvs, rates := make([]timed, 0, len(c.Readings)), make([]timed, 0, len(c.Readings))
	for _, r := range c.Readings {
		m.seen(r.UnixMilli)
		egvs = append(egvs, timed{r.UnixMilli, r.MgDL})
		if r.Rate != nil {
			rates = append(rates, timed{r.UnixMilli, *r.Rate})
		}
	}
	for _, e := range c.Events {
		at := e.Time.UnixMilli()
		m.seen(at)
		m.diary[e.Series] = append(m.diary[e.Series], timed{at, e.Value})
	}
	return errors.Join(m.egvs.write(egvs, "account", account), m.rates.write(rates, "account", account))
}

func (m *openMetrics) seen(unixMilli int64) {
	if at := time.UnixMilli(unixMilli); m.oldest.IsZero() || at.Before(m.oldest) {
		m.oldest = at
	}
}

// endAccount ends the account that was added to.
func (m *openMetrics) endAccount(account string) error {
	byName := func(a, b collector.Series) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Subtype, b.Subtype), cmp.Compare(a.Unit, b.Unit))
	}
	var err error
	for _, s := range slices.SortedFunc(maps.Keys(m.diary), byName) {
		err = errors.Join(err, m.events.write(m.diary[s], "account", account, "subtype", s.Subtype, "type", s.Type, "unit", s.Unit))
	}
	clear(m.diary)
	return err
}

// finish writes what waited, and the end.
func (m *openMetrics) finish() error {
	for _, file := range m.later {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read it again: %w", err)
		}
		if _, err := io.Copy(m.out, file); err != nil {
			return err
		}
	}
	_, err := expfmt.FinalizeOpenMetrics(m.out)
	return err
}

// close drops what waits.
func (m *openMetrics) close() {
	for _, file := range m.later {
		_ = file.Close() // it has no name, and is gone
	}
}

// family writes the samples of one metric.
type family struct {
	out    io.Writer
	metric collector.Metric

	begun  bool
	labels string // of the series of the last sample
	last   int64  // its time
}

// write adds samples to a series, whose labels are names and values in turn. They
// are in order of time, and later than those before; of those with one time the
// first counts. Nothing may be added to a series once another one was.
func (f *family) write(samples []timed, labels ...string) error {
	if series := fmt.Sprintf("%q", labels); series != f.labels {
		f.labels, f.last = series, -1
	}
	name, help, pairs := string(f.metric), f.metric.Help(), labelPairs(labels)
	gauges := &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_GAUGE.Enum()}
	for _, s := range samples {
		if s.unixMilli == f.last {
			continue
		}
		if s.unixMilli < f.last {
			return fmt.Errorf("%s%s: a sample is older than the one before", name, f.labels)
		}
		f.last = s.unixMilli
		gauges.Metric = append(gauges.Metric, &dto.Metric{Label: pairs, Gauge: &dto.Gauge{Value: &s.value}, TimestampMs: &s.unixMilli})
	}
	if len(gauges.Metric) == 0 {
		return nil
	}
	return f.encode(gauges)
}

// encode leaves out what comes before the first sample, where it was written
// before: OpenMetrics wants it once.
func (f *family) encode(gauges *dto.MetricFamily) error {
	var text bytes.Buffer
	if _, err := expfmt.MetricFamilyToOpenMetrics(&text, gauges); err != nil {
		return err
	}
	for f.begun && bytes.HasPrefix(text.Bytes(), []byte("# ")) {
		if _, err := text.ReadBytes('\n'); err != nil {
			return err
		}
	}
	f.begun = true
	_, err := text.WriteTo(f.out)
	return err
}

// labelPairs leaves out labels without a value: to Prometheus they are not there.
func labelPairs(labels []string) []*dto.LabelPair {
	var pairs []*dto.LabelPair
	for i := 0; i < len(labels); i += 2 {
		if labels[i+1] != "" {
			pairs = append(pairs, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
		}
	}
	return pairs
}
