package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// own is what the collector counts about its own work, beside the table of what
// it knows about people.
type own struct {
	polls           *prometheus.CounterVec
	requests        *prometheus.CounterVec
	requestDuration *prometheus.HistogramVec
	skipped         *prometheus.CounterVec
	readingDelay    *prometheus.HistogramVec
	callsPerHour    *prometheus.GaugeVec
	limitWait       *prometheus.CounterVec
}

func newOwn() *own {
	const ns = "dexcom_exporter"
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: ns, Name: name, Help: help, Buckets: buckets}, labels)
	}
	return &own{
		polls: counter("polls_total", "Polls of a source for new readings, by result.",
			"account", "source", "result"),
		requests: counter("api_requests_total", "Requests sent to Dexcom, by HTTP status (error: no answer).",
			"source", "endpoint", "code"),
		requestDuration: histogram("api_request_duration_seconds", "Time from a request to the header of its answer.",
			[]float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 90}, "source", "endpoint"),
		skipped: counter("records_skipped_total", "Records that were left out, by reason; each counts once.",
			"endpoint", "reason"),
		readingDelay: histogram("reading_delay_seconds", "Time from a reading to its arrival here; the first fetch does not count.",
			[]float64{60, 120, 300, 600, 900, 1800, 3600, 5400, 7200, 10800, 14400, 18000, 21600, 43200, 86400}, "source"),
		callsPerHour: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: ns, Name: "rate_limit_calls_per_hour", Help: "Calls an hour that all accounts of an app may make together.",
		}, []string{"region"}),
		limitWait: counter("rate_limit_wait_seconds_total", "Time that calls waited for the app's budget.", "region"),
	}
}

// collectors lists everything to register.
func (o *own) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		o.polls, o.requests, o.requestDuration, o.skipped, o.readingDelay, o.callsPerHour, o.limitWait,
	}
}

// start makes the series of one source exist at 0 before anything happens.
func (o *own) start(account, source string) {
	for _, result := range append(dexcom.Reasons(), resultOK) {
		o.polls.WithLabelValues(account, source, result)
	}
	o.readingDelay.WithLabelValues(source)
}
