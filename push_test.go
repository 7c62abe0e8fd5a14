package main

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// pushed is an OTLP receiver that keeps what it gets.
type pushed struct {
	server *httptest.Server

	mu      sync.Mutex                    // guards what follows
	points  map[string]map[uint64]float64 // of gauges, by name and labels
	keys    []string                      // that came as a header
	refuses bool
}

func newPushed(t *testing.T) *pushed {
	t.Helper()
	r := &pushed{points: map[string]map[uint64]float64{}}
	r.server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.server.Close)
	return r
}

func (r *pushed) take(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body := io.Reader(request.Body)
	if request.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	bytes, _ := io.ReadAll(body)
	var metrics collectormetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(bytes, &metrics); err != nil || request.URL.Path != "/v1/metrics" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	r.keys = append(r.keys, request.Header.Get("X-Key"))
	for _, resource := range metrics.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				for _, point := range metric.GetGauge().GetDataPoints() {
					name := metric.GetName() + metric.GetUnit()
					for _, label := range point.GetAttributes() {
						name += " " + label.GetKey() + "=" + label.GetValue().GetStringValue()
					}
					if r.points[name] == nil {
						r.points[name] = map[uint64]float64{}
					}
					r.points[name][point.GetTimeUnixNano()] = point.GetAsDouble()
				}
			}
		}
	}
}

func (r *pushed) refuse(refuses bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = refuses
}

// has gives the points of a series.
func (r *pushed) has(series string) map[uint64]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.points[series])
}

// A reload begins, moves and ends the push; every reading arrives at its own time,
// also where the receiver was dead when it came.
func TestPushFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	first, second := newPushed(t), newPushed(t)
	without := configure(d.address, []string{us("alice")})
	s := serving(t, d, without, "alice")
	pushTo := func(r *pushed) {
		s.adopt(t, configure(d.address, []string{us("alice")}, "otlp: {endpoint: '"+r.server.URL+"', interval: 1s, headers: {X-Key: "+planted+"}}"))
	}
	first.refuse(true)
	pushTo(first)
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_exporter_otlp_failures_total"][""] > 0 })
	first.refuse(false)
	truth, now := map[uint64]float64{}, time.Now()
	for _, r := range d.Person("alice").Readings(now.Add(-11*time.Hour), now.Add(-3*time.Hour)) {
		truth[uint64(r.SystemTime.UnixNano())] = float64(r.Value)
	}
	first.expect(t, truth)
	pushTo(second)
	second.expect(t, truth)
	s.adopt(t, without)
	second.fallsSilent(t, 2500*time.Millisecond)
	if scrape := scrapeOnce(t, s.address); scrape["dexcom_exporter_otlp_samples_total"][" result=accepted"] < float64(2*len(truth)) {
		t.Errorf("counted %v", scrape["dexcom_exporter_otlp_samples_total"])
	}
}

// expect waits for the readings of alice, and compares them.
func (r *pushed) expect(t *testing.T, truth map[uint64]float64) {
	t.Helper()
	const readings = "dexcom_egv_mg_dl account=alice"
	waitFor(t, func() bool {
		got := r.has(readings)
		for at := range truth {
			if _, there := got[at]; !there {
				return false
			}
		}
		return len(r.has("dexcom_up account=alice source=api")) > 0
	})
	got := r.has(readings)
	for at, want := range truth {
		if got[at] != want {
			t.Errorf("the reading at %v is %v, want %v", time.UnixMilli(int64(at/1e6)), got[at], want)
		}
	}
	if len(truth) < 80 {
		t.Errorf("only %d readings", len(truth))
	}
	for _, key := range r.pushes() {
		if key != planted {
			t.Errorf("a push came with the key %q", key)
		}
	}
}

// fallsSilent waits until nothing has come for as long as quiet: what was on its way when
// the push ended still comes, then no more.
func (r *pushed) fallsSilent(t *testing.T, quiet time.Duration) {
	t.Helper()
	before, since := len(r.pushes()), time.Now()
	waitFor(t, func() bool {
		if now := len(r.pushes()); now > before {
			before, since = now, time.Now()
		}
		return time.Since(since) > quiet
	})
}

// pushes gives the key of each push.
func (r *pushed) pushes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.keys)
}
