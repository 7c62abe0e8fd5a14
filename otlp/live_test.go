package otlp

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
)

// tableOfAllTypes is a live table with one family of each type.
func tableOfAllTypes(t *testing.T) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewRegistry()
	add := func(c prometheus.Collector) {
		if err := registry.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dexcom_exporter_account_info", Help: "One."}, []string{"account", "api"})
	info.WithLabelValues("alice", "v3").Set(1)
	ratio := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dexcom_time_in_range_ratio", Help: "Ratio."}, []string{"account", "range"})
	ratio.WithLabelValues("alice", "target").Set(.75)
	polls := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dexcom_exporter_polls_total", Help: "Polls."}, []string{"result"})
	polls.WithLabelValues("ok").Add(3)
	delay := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dexcom_exporter_reading_delay_seconds", Help: "Delay.", Buckets: []float64{60, 3600}})
	for _, seconds := range []float64{30, 90, 7200} {
		delay.Observe(seconds)
	}
	pauses := prometheus.NewSummary(prometheus.SummaryOpts{Name: "go_gc_duration_seconds", Help: "Pauses.", Objectives: map[float64]float64{.5: .05}})
	pauses.Observe(2)
	add(info)
	add(ratio)
	add(polls)
	add(delay)
	add(pauses)
	return registry
}

// Names, types, labels and values arrive as they are on /metrics, without units, in
// one request with the time of the push.
func TestLiveTableArrivesAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newPrometheus(0)
		p, counters := newPusher(t, server, newLogbook(slog.LevelInfo), tableOfAllTypes(t), accountsOf())
		time.Sleep(time.Minute)
		if err := p.live.push(t.Context()); err != nil {
			t.Fatal(err)
		}
		types := map[string]string{
			"dexcom_exporter_account_info": "gauge", "dexcom_time_in_range_ratio": "gauge", "dexcom_exporter_polls_total": "counter",
			"dexcom_exporter_reading_delay_seconds": "histogram", "go_gc_duration_seconds": "summary",
		}
		if fmt.Sprint(server.types) != fmt.Sprint(types) {
			t.Errorf("got %v, want %v", server.types, types)
		}
		series := map[string]float64{
			`dexcom_exporter_account_info{account="alice",api="v3"}`:     1,
			`dexcom_time_in_range_ratio{account="alice",range="target"}`: .75,
			`dexcom_exporter_polls_total{result="ok"}`:                   3,
			`dexcom_exporter_reading_delay_seconds_count{}`:              3,
			`go_gc_duration_seconds_count{}`:                             1,
			`target_info{service.version="1.2.3"}`:                       1,
		}
		if len(server.series) != len(series) {
			t.Errorf("got %v", server.series)
		}
		for name, want := range series {
			if got, there := server.values(name)[time.Now().UnixMilli()]; !there || got != want {
				t.Errorf("%s: got %v, want %v", name, server.values(name), want)
			}
		}
		if len(server.requests) != 1 {
			t.Errorf("%d requests", len(server.requests))
		}
		counted(t, counters, 5, 0, 0, 0)
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	family := func(name string, n int) *dto.MetricFamily {
		return &dto.MetricFamily{Name: &name, Type: dto.MetricType_GAUGE.Enum(), Metric: make([]*dto.Metric, n)}
	}
	odd := family("odd", 3)
	odd.Type = dto.MetricType_GAUGE_HISTOGRAM.Enum()
	var got []string
	for _, part := range cut([]*dto.MetricFamily{family("a", 3), odd, family("b", 13), family("c", 0), family("d", 4), family("e", 1)}, 5) {
		var names []string
		for _, f := range part {
			names = append(names, fmt.Sprint(f.GetName(), len(f.GetMetric())))
		}
		got = append(got, strings.Join(names, "+"))
	}
	if want := "a3+b2 b5 b5 b1+d4 e1"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := cut(nil, 5); got != nil {
		t.Errorf("got %v", got)
	}
}

// A large table goes in several requests; nothing of it is lost.
func TestLargeLiveTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		agp := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dexcom_agp_mg_dl", Help: "AGP."}, []string{"account"})
		for i := range 12_000 {
			agp.WithLabelValues(strconv.Itoa(i)).Set(float64(i))
		}
		if err := registry.Register(agp); err != nil {
			t.Fatal(err)
		}
		server := newPrometheus(0)
		p, counters := newPusher(t, server, newLogbook(slog.LevelInfo), registry, accountsOf())
		if err := p.live.push(t.Context()); err != nil {
			t.Fatal(err)
		}
		counted(t, counters, 12_000, 0, 0, 0)
		if len(server.requests) != 3 || len(server.series) != 12_001 {
			t.Errorf("%d requests, %d series", len(server.requests), len(server.series))
		}
	})
}

// A family that the receiver refuses costs the others nothing, and neither does a
// collector that fails.
func TestPartsOfTheLiveTableFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(0), newLogbook(slog.LevelInfo)
		bad := true
		server.meddle = func(w http.ResponseWriter, _ *http.Request, points []stored) bool {
			for _, s := range points {
				if bad && strings.HasPrefix(s.series, "dexcom_time_in_range") {
					http.Error(w, "no ratios here", http.StatusBadRequest)
					return true
				}
			}
			return false
		}
		registry := tableOfAllTypes(t)
		broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			families, err := registry.Gather()
			return families, errors.Join(err, errors.New("one collector failed"))
		})
		p, counters := newPusher(t, server, log, broken, accountsOf())
		for range 3 {
			if err := p.live.push(t.Context()); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}
		counted(t, counters, 12, 3, 0, 0)
		log.count(t, "refused a part of the live table", 1)
		log.count(t, "one collector failed", 1)
		bad = false
		if err := p.live.push(t.Context()); err != nil {
			t.Error(err)
		}
		log.count(t, "takes the whole live table again", 1)
	})
}

// A receiver that refuses all of the live table, as one whose clock is far behind,
// gets few requests and is not a failure to try again at once.
func TestLiveTableIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(0), newLogbook(slog.LevelInfo)
		server.ownClock = -time.Hour
		p, counters := newPusher(t, server, log, tableOfAllTypes(t), accountsOf())
		if err := p.live.push(t.Context()); err != nil {
			t.Error(err)
		}
		counted(t, counters, 0, 5, 0, 0)
		if len(server.requests) > 6 {
			t.Errorf("%d requests", len(server.requests))
		}
		log.count(t, "refused a part of the live table", 1)
	})
}

// The start of a counter is when it was made, so that a server can tell a new one.
func TestCounterStart(t *testing.T) {
	t.Parallel()
	var got []*collectormetrics.ExportMetricsServiceRequest
	made := time.Now()
	table := tableOfAllTypes(t)
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		request, err := decode(r)
		got = append(got, request)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, err
	})
	p, _ := newPusher(t, transport, newLogbook(slog.LevelInfo), table, accountsOf())
	if err := p.live.push(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range got[0].GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
		for _, point := range m.GetSum().GetDataPoints() {
			if start := time.Unix(0, int64(point.GetStartTimeUnixNano())); start.Before(made.Add(-time.Second)) || start.After(time.Now()) {
				t.Errorf("%s: starts at %v, made at %v", m.GetName(), start, made)
			}
		}
	}
}

// roundTrip is a function as an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
