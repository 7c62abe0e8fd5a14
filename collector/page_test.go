package collector

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// The registry sorts labels that are not in order, at each scrape of each series again.
func TestLabelsAreInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.settings.Profile = true
		everythingElse(a)
		a.absorbNow(ago(0, 120))
		lines := newPage(c.rows).of(a.snapshot(noon()))
		shared := map[string]*dto.LabelPair{}
		for i := range lines {
			var written dto.Metric
			if err := lines[i].Write(&written); err != nil {
				t.Fatal(err)
			}
			if !slices.IsSortedFunc(written.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) }) {
				t.Errorf("%s: %v", lines[i].name, written.Label)
			}
			for _, pair := range written.Label {
				key := pair.GetName() + "=" + pair.GetValue()
				if shared[key] != nil && shared[key] != pair {
					t.Fatalf("%s is there twice", key)
				}
				shared[key] = pair
			}
		}
		if len(lines) < 50 || len(shared) < 20 {
			t.Errorf("%d lines, %d labels", len(lines), len(shared))
		}
	})
}

// The registry sorts what is not in order, and for hundreds of thousands of series that is
// most of what a scrape takes.
func TestSeriesAreInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		config := follow(simulator.New(), http.DefaultTransport, "carol", "alice", "bob")
		c := config.collector()
		for _, a := range c.accounts {
			a.settings.StaleAfter, a.settings.Profile, a.fetched = 15*time.Minute, true, [3]bool{true, true, true}
			everythingElse(a)
			var fortnight []dexcom.Reading
			for i := range 14 * 288 {
				fortnight = append(fortnight, ago(time.Duration(i)*cadence, 120))
			}
			a.absorbNow(fortnight...)
		}
		ordered := map[string][][]string{}
		given := make(chan prometheus.Metric)
		go func() { defer close(given); c.Collect(given) }()
		for metric := range given {
			series, mine := metric.(*line)
			if !mine {
				continue // a client_golang counter
			}
			var values []string
			for _, pair := range series.labels {
				values = append(values, pair.GetValue())
			}
			ordered[series.name] = append(ordered[series.name], values)
		}
		for name, all := range ordered {
			if !slices.IsSortedFunc(all, slices.Compare[[]string]) {
				t.Errorf("%s: %v", name, all)
			}
		}
		if n := len(ordered["dexcom_agp_mg_dl"]); n != 3*48*5 || len(ordered) < 40 {
			t.Errorf("%d series of the profile, %d names", n, len(ordered))
		}
	})
}

// A row that gives other labels than it says is an error of its own, and of no other.
func TestARowWithWrongLabels(t *testing.T) {
	t.Parallel()
	rows := []*shownRow{
		showRow(gauge("good", "Good.", []string{"window"}, func(_ Snapshot, emit emit) { emit(1, "24h") })),
		showRow(gauge("bad", "Bad.", []string{"window"}, func(_ Snapshot, emit emit) { emit(2); emit(3, "24h", "7d") })),
		showRow(counter("last", "Last.", []string{"type", "alert"}, func(_ Snapshot, emit emit) { emit(4, "carbs", "low") })),
	}
	page := newPage(rows)
	for range 2 { // the second account shares the labels of the first
		lines := page.of(Snapshot{Standing: Standing{Account: "alice"}})
		var wrong []bool
		for i := range lines {
			wrong = append(wrong, lines[i].Write(&dto.Metric{}) != nil)
		}
		if !slices.Equal(wrong, []bool{false, true, true, false}) {
			t.Fatalf("wrong: %v", wrong)
		}
		var written dto.Metric
		if err := lines[3].Write(&written); err != nil || written.GetCounter().GetValue() != 4 || written.Gauge != nil {
			t.Errorf("%v, %v", &written, err)
		}
		if got := []string{written.Label[0].GetValue(), written.Label[1].GetValue(), written.Label[2].GetValue()}; !slices.Equal(got, []string{"alice", "low", "carbs"}) {
			t.Errorf("labels %v", got)
		}
	}
}

// A line that changes later must not change what is written already.
func TestLinesAreTheirOwn(t *testing.T) {
	t.Parallel()
	page := newPage([]*shownRow{showRow(gauge("value", "Value.", nil, func(s Snapshot, emit emit) { emit(s.Slope) }))})
	var metrics []prometheus.Metric
	for i := range 3 {
		lines := page.of(Snapshot{Standing: Standing{Account: string(rune('a' + i)), Slope: float64(i)}})
		metrics = append(metrics, &lines[0])
	}
	for i, metric := range metrics {
		var written dto.Metric
		if err := metric.Write(&written); err != nil || written.GetGauge().GetValue() != float64(i) || written.Label[0].GetValue() != string(rune('a'+i)) {
			t.Errorf("%d: %v, %v", i, &written, err)
		}
	}
}
