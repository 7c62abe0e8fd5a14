package collector

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Calls keeps the calls to Dexcom within each app's budget, and counts and times
// them. It is safe for concurrent use.
type Calls struct {
	mu       sync.Mutex // guards limiters
	limiters map[dexcom.Region]*limiter
	share    *dexcom.ShareWait

	requests     *prometheus.CounterVec
	duration     *prometheus.HistogramVec
	callsPerHour *prometheus.GaugeVec
	waited       *prometheus.CounterVec
}

// What Share is asked at most: 5,000 accounts that are asked every five minutes make
// 17 reads a second.
const (
	shareReadsPerSecond  = 40
	shareLoginsPerSecond = 10
)

// NewCalls makes one without limits of apps.
func NewCalls() *Calls {
	return &Calls{
		share: &dexcom.ShareWait{
			Read:  rate.NewLimiter(shareReadsPerSecond, shareReadsPerSecond).Wait,
			Login: rate.NewLimiter(shareLoginsPerSecond, shareLoginsPerSecond).Wait,
		},
		limiters: map[dexcom.Region]*limiter{},
		requests: counterVec("api_requests_total", "Requests sent to Dexcom, by HTTP status (error: no answer).",
			"source", "endpoint", "code"),
		duration: histogramVec("api_request_duration_seconds", "Time from a request to the header of its answer.",
			[]float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 90}, "source", "endpoint"),
		callsPerHour: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "dexcom_exporter", Name: "rate_limit_calls_per_hour",
			Help: "Calls an hour that all accounts of an app may make together.",
		}, []string{"region"}),
		waited: counterVec("rate_limit_wait_seconds_total", "Time that calls waited for the app's budget.", "region"),
	}
}

// Limit takes how many calls all accounts of a region's app may make together in
// an hour, from now on. A region that is not in it is not limited.
func (c *Calls) Limit(callsPerHour map[dexcom.Region]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for region := range c.limiters {
		if _, limited := callsPerHour[region]; !limited {
			delete(c.limiters, region)
			c.callsPerHour.DeleteLabelValues(string(region))
		}
	}
	for region, calls := range callsPerHour {
		c.callsPerHour.WithLabelValues(string(region)).Set(float64(calls))
		if limit := c.limiters[region]; limit != nil {
			limit.set(calls) // what was spent stays spent
			continue
		}
		c.limiters[region] = newLimiter(calls, c.waited.WithLabelValues(string(region)))
	}
}

// Wait is what a client of the region calls before each request: it returns when
// there is budget.
func (c *Calls) Wait(region dexcom.Region) func(context.Context) error {
	return func(ctx context.Context) error {
		c.mu.Lock()
		limit := c.limiters[region]
		c.mu.Unlock()
		if limit == nil {
			return nil
		}
		return limit.wait(ctx)
	}
}

// WaitUrgently is Wait for calls that go before all others, whoever makes them:
// those for tokens.
func (c *Calls) WaitUrgently(region dexcom.Region) func(context.Context) error {
	wait := c.Wait(region)
	return func(ctx context.Context) error { return wait(queued(ctx, first, time.Time{})) }
}

// Transport counts and times what goes through next, for the official API.
func (c *Calls) Transport(next http.RoundTripper) http.RoundTripper {
	return meter{next: next, source: sourceAPI, calls: c}
}

// ShareTransport counts and times what goes through next, for Dexcom Share.
func (c *Calls) ShareTransport(next http.RoundTripper) http.RoundTripper {
	return meter{next: next, source: sourceShare, calls: c}
}

// ShareWait spreads the requests to Dexcom Share over a start with many accounts:
// nobody knows what Share's own limit is, and its gateway is known to have one
// (clients). Logins have a rate of their own, so that they keep no reading waiting.
func (c *Calls) ShareWait() *dexcom.ShareWait { return c.share }

func (c *Calls) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.requests, c.duration, c.callsPerHour, c.waited}
}

// meter is an http.RoundTripper that counts and times the calls of one source.
type meter struct {
	next   http.RoundTripper
	source string
	calls  *Calls
}

// RoundTrip implements http.RoundTripper. The endpoint is the last part of the
// path: the clients ask for nothing but a handful.
func (m meter) RoundTrip(request *http.Request) (*http.Response, error) {
	endpoint := path.Base(request.URL.Path)
	start := time.Now()
	response, err := m.next.RoundTrip(request)
	m.calls.duration.WithLabelValues(m.source, endpoint).Observe(time.Since(start).Seconds())
	code := "error"
	if err == nil {
		code = strconv.Itoa(response.StatusCode)
	}
	m.calls.requests.WithLabelValues(m.source, endpoint, code).Inc()
	return response, err
}
