package otlp

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// prometheusServer takes OTLP as Prometheus 3.15 was measured to: all of a request
// or nothing of it. It is an http.RoundTripper without sockets, too.
type prometheusServer struct {
	mu       sync.Mutex // guards what follows
	window   time.Duration
	ownClock time.Duration // how far its clock is ahead
	head     int64         // newest time of all series
	newest   map[string]int64
	series   map[string]map[int64]float64
	types    map[string]string // by metric
	requests []*http.Request
	sizes    []int          // points of each request
	asked    map[string]int // requests by the series they have
	// meddle answers in place of the server when it returns true.
	meddle func(w http.ResponseWriter, r *http.Request, points []stored) bool
}

// stored is a sample as Prometheus would keep it.
type stored struct {
	series string // name{label="value",…}
	at     int64
	value  float64
	live   bool
}

func newPrometheus(window time.Duration) *prometheusServer {
	return &prometheusServer{window: window, newest: map[string]int64{}, series: map[string]map[int64]float64{}, types: map[string]string{}, asked: map[string]int{}}
}

func (p *prometheusServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	defer r.Body.Close()
	p.ServeHTTP(w, r)
	if w.Code == 599 {
		return nil, io.ErrUnexpectedEOF // the connection broke
	}
	return w.Result(), nil
}

func (p *prometheusServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	request, err := decode(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	points := p.samples(request)
	p.requests = append(p.requests, r)
	p.sizes = append(p.sizes, len(points))
	seen := map[string]bool{}
	for _, s := range points {
		seen[s.series] = true
	}
	for series := range seen {
		p.asked[series]++
	}
	if p.meddle != nil && p.meddle(w, r, points) {
		return
	}
	if problem := p.appendAll(points); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
	}
}

func decode(r *http.Request) (*collectormetrics.ExportMetricsServiceRequest, error) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	var request collectormetrics.ExportMetricsServiceRequest
	return &request, proto.Unmarshal(data, &request)
}

// samples makes what Prometheus makes of a request; of histograms the count only.
func (p *prometheusServer) samples(request *collectormetrics.ExportMetricsServiceRequest) (samples []stored) {
	for _, resource := range request.GetResourceMetrics() {
		first := len(samples)
		for _, scope := range resource.GetScopeMetrics() {
			for _, m := range scope.GetMetrics() {
				add := func(suffix string, at uint64, labels []*commonpb.KeyValue, value float64) {
					samples = append(samples, stored{series: m.GetName() + suffix + write(labels), at: int64(at / 1e6), value: value, live: scope.GetScope().GetName() != "dexcom_exporter"})
				}
				p.types[m.GetName()] = typeName(m) + m.GetUnit()
				for _, d := range append(m.GetGauge().GetDataPoints(), m.GetSum().GetDataPoints()...) {
					add("", d.GetTimeUnixNano(), d.GetAttributes(), d.GetAsDouble())
				}
				for _, d := range m.GetHistogram().GetDataPoints() {
					add("_count", d.GetTimeUnixNano(), d.GetAttributes(), float64(d.GetCount()))
				}
				for _, d := range m.GetSummary().GetDataPoints() {
					add("_count", d.GetTimeUnixNano(), d.GetAttributes(), float64(d.GetCount()))
				}
			}
		}
		samples = append(samples, targetInfo(resource, samples[first:])...)
	}
	return samples
}

func typeName(m *metricspb.Metric) string {
	switch data := m.GetData().(type) {
	case *metricspb.Metric_Gauge:
		return "gauge"
	case *metricspb.Metric_Sum:
		if data.Sum.GetIsMonotonic() && data.Sum.GetAggregationTemporality() == metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
			return "counter"
		}
	case *metricspb.Metric_Histogram:
		return "histogram"
	case *metricspb.Metric_Summary:
		return "summary"
	}
	return "unknown"
}

// targetInfo is written for resources with more than an identity, from the first to
// the last time of their points.
func targetInfo(resource *metricspb.ResourceMetrics, samples []stored) (infos []stored) {
	var labels []*commonpb.KeyValue
	for _, attribute := range resource.GetResource().GetAttributes() {
		if !slices.Contains([]string{"service.name", "service.namespace", "service.instance.id"}, attribute.GetKey()) {
			labels = append(labels, attribute)
		}
	}
	if len(labels) == 0 || len(samples) == 0 {
		return nil
	}
	first, last := samples[0].at, samples[0].at
	for _, s := range samples {
		first, last = min(first, s.at), max(last, s.at)
	}
	for at := first; at < last; at += 150_000 {
		infos = append(infos, stored{series: "target_info" + write(labels), at: at, value: 1, live: samples[0].live})
	}
	return append(infos, stored{series: "target_info" + write(labels), at: last, value: 1, live: samples[0].live})
}

func write(labels []*commonpb.KeyValue) string {
	var pairs []string
	for _, label := range labels {
		pairs = append(pairs, label.GetKey()+`="`+label.GetValue().GetStringValue()+`"`)
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

// appendAll stores all samples, or says what is wrong with one.
func (p *prometheusServer) appendAll(samples []stored) string {
	now := time.Now().Add(p.ownClock).UnixMilli()
	head, newest := p.head, map[string]int64{}
	for _, s := range samples {
		last, known := newest[s.series]
		if !known {
			last, known = p.newest[s.series]
		}
		bound := head - time.Hour.Milliseconds()
		switch {
		case s.at > now+10*time.Minute.Milliseconds():
			return "out of bounds: timestamp is too far in the future"
		case known && s.at == last && p.series[s.series][s.at] != s.value:
			return "duplicate sample for timestamp"
		case (!known || s.at >= last) && s.at >= bound: // in order
		case p.window > 0 && s.at >= head-p.window.Milliseconds():
		case p.window > 0:
			return "too old sample"
		case s.at < bound:
			return "out of bounds"
		default:
			return "out of order sample"
		}
		newest[s.series] = max(last, s.at)
		head = max(head, s.at)
	}
	for _, s := range samples {
		if p.series[s.series] == nil {
			p.series[s.series] = map[int64]float64{}
		}
		if _, there := p.series[s.series][s.at]; !there {
			p.series[s.series][s.at] = s.value
		}
		p.newest[s.series] = max(p.newest[s.series], s.at)
		p.head = max(p.head, s.at)
	}
	return ""
}

// scrapeSelf moves the head to now, as the server's own scrapes do.
func (p *prometheusServer) scrapeSelf() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.head = max(p.head, time.Now().UnixMilli())
}

func (p *prometheusServer) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// values gives the samples of a series.
func (p *prometheusServer) values(series string) map[int64]float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.series[series]
}

// person is an account with a cursor, as the collector will have it.
type person struct {
	name string

	mu      sync.Mutex // guards what follows
	points  []Point    // only the story adds to them
	settled int
	calls   int
}

// done is how many points are settled.
func (p *person) done() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled
}

func (p *person) add(at time.Time, value float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.points = append(p.points, Point{Metric: "dexcom_egv_mg_dl", Labels: []Label{{"account", p.name}}, Time: at.Truncate(time.Millisecond), Value: value})
}

// batch adds readings of every five minutes, the newest of this age.
func (p *person) batch(n int, youngest time.Duration) {
	now := time.Now()
	for i := range n {
		p.add(now.Add(-youngest-5*time.Minute*time.Duration(n-1-i)), float64(100+len(p.points)))
	}
}

func (p *person) series() string { return `dexcom_egv_mg_dl{account="` + p.name + `"}` }

func (p *person) account() Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	start := p.settled
	return Account{Name: p.name, Points: p.points[start:], Settled: func(n int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.settled = start + n
		p.calls++
	}}
}

func accountsOf(people ...*person) func() []Account {
	return func() (accounts []Account) {
		for _, p := range people {
			accounts = append(accounts, p.account())
		}
		return accounts
	}
}

// stores fails unless the server has exactly these points of a person, once.
func (p *prometheusServer) stores(t *testing.T, who *person, points []Point) {
	t.Helper()
	got := p.values(who.series())
	if len(got) != len(points) {
		t.Errorf("%s: %d samples are stored, want %d", who.name, len(got), len(points))
	}
	for _, point := range points {
		if value, there := got[point.Time.UnixMilli()]; !there || value != point.Value {
			t.Errorf("%s: at %v got %v (%v), want %v", who.name, point.Time, value, there, point.Value)
		}
	}
}

// logbook is a logger with what it logged.
type logbook struct {
	*slog.Logger

	mu   sync.Mutex
	text strings.Builder
}

func newLogbook(level slog.Level) *logbook {
	b := &logbook{}
	b.Logger = slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level}))
	return b
}

func (b *logbook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logbook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// count fails unless so many lines contain a text.
func (b *logbook) count(t *testing.T, text string, want int) {
	t.Helper()
	if got := strings.Count(b.String(), text); got != want {
		t.Errorf("logged %q %d times, want %d:\n%s", text, got, want, b)
	}
}

// counted fails unless the counters are these.
func counted(t *testing.T, c *Counters, accepted, refused, expired, failures float64) {
	t.Helper()
	for result, want := range map[string]float64{"accepted": accepted, "refused": refused, "expired": expired} {
		if got := testutil.ToFloat64(c.samples.WithLabelValues(result)); got != want {
			t.Errorf("%s: got %v, want %v", result, got, want)
		}
	}
	if got := testutil.ToFloat64(c.failures); got != failures {
		t.Errorf("failures: got %v, want %v", got, failures)
	}
}

// nothing is a live table without metrics.
func nothing() prometheus.Gatherer { return prometheus.NewRegistry() }

// newPusher pushes to a server without sockets.
func newPusher(t *testing.T, server http.RoundTripper, log *logbook, live prometheus.Gatherer, late func() []Account) (*Pusher, *Counters) {
	t.Helper()
	counters := NewCounters()
	p, err := New(Config{Endpoint: "http://prometheus.example/api/v1/otlp", Version: "1.2.3", Live: live, Late: late, Counters: counters, Transport: server, Log: log.Logger})
	if err != nil {
		t.Fatal(err)
	}
	return p, counters
}

// during runs a pusher while a story is told, and stops it.
func during(t *testing.T, p *Pusher, story func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	story()
	cancel()
	<-done
}

// countingTable is a live table of one gauge and one counter.
func countingTable(t *testing.T) prometheus.Gatherer {
	t.Helper()
	registry := prometheus.NewRegistry()
	up := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dexcom_up", Help: "Up."}, []string{"account"})
	up.WithLabelValues("alice").Set(1)
	arrivals := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dexcom_egvs_total", Help: "Arrivals."}, []string{"account", "range"})
	arrivals.WithLabelValues("alice", "low").Add(7)
	for _, c := range []prometheus.Collector{up, arrivals} {
		if err := registry.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return registry
}

// refusing refuses each request with a point of this time.
func refusing(at time.Time, problem string) func(http.ResponseWriter, *http.Request, []stored) bool {
	return func(w http.ResponseWriter, _ *http.Request, points []stored) bool {
		bad := slices.ContainsFunc(points, func(s stored) bool { return s.at == at.UnixMilli() })
		if !bad {
			return false
		}
		http.Error(w, problem, http.StatusBadRequest)
		return true
	}
}
