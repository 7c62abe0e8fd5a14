package collector

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// own is what the collector counts about its own work, beside the table of what
// it knows about people.
type own struct {
	skipped      *prometheus.CounterVec
	readingDelay *prometheus.HistogramVec

	desks sync.Pool // of *desk: statistics need room, and no account all the time
}

func newOwn() *own {
	return &own{
		skipped: counterVec("records_skipped_total", "Records that were left out, by reason; each counts once.",
			"endpoint", "reason"),
		readingDelay: histogramVec("reading_delay_seconds", "Time from a reading to its arrival here; the first fetch does not count.",
			[]float64{60, 120, 300, 600, 900, 1800, 3600, 5400, 7200, 10800, 14400, 18000, 21600, 43200, 86400}, "source"),
	}
}

// counterVec makes a counter of the program itself.
func counterVec(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "dexcom_exporter", Name: name, Help: help}, labels)
}

// histogramVec makes a histogram of the program itself.
func histogramVec(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "dexcom_exporter", Name: name, Help: help, Buckets: buckets,
	}, labels)
}

// collectors lists everything to register.
func (o *own) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.skipped, o.readingDelay}
}

// start makes the series of one source exist at 0 before anything happens.
func (o *own) start(source string) { o.readingDelay.WithLabelValues(source) }
