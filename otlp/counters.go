package otlp

import "github.com/prometheus/client_golang/prometheus"

// What became of a sample. The first two are for good.
const (
	resultAccepted = "accepted"
	resultRefused  = "refused"
	resultExpired  = "expired"
)

// Counters are a prometheus.Collector of what was pushed. They may outlive the
// Pusher that counts on them, and serve the next one.
type Counters struct {
	samples  *prometheus.CounterVec
	failures prometheus.Counter
}

// NewCounters makes counters at 0.
func NewCounters() *Counters {
	c := &Counters{
		samples: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "dexcom_exporter", Name: "otlp_samples_total",
			Help: "Samples for the OTLP receiver, by what became of them: accepted, refused for good, or expired before they were accepted.",
		}, []string{"result"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "dexcom_exporter", Name: "otlp_failures_total",
			Help: "OTLP requests that failed; their readings are sent again.",
		}),
	}
	c.add(tally{})
	return c
}

// Describe implements prometheus.Collector.
func (c *Counters) Describe(descs chan<- *prometheus.Desc) {
	c.samples.Describe(descs)
	c.failures.Describe(descs)
}

// Collect implements prometheus.Collector.
func (c *Counters) Collect(metrics chan<- prometheus.Metric) {
	c.samples.Collect(metrics)
	c.failures.Collect(metrics)
}

// tally is what became of some samples.
type tally struct{ accepted, refused, expired int }

func (c *Counters) add(t tally) {
	c.samples.WithLabelValues(resultAccepted).Add(float64(t.accepted))
	c.samples.WithLabelValues(resultRefused).Add(float64(t.refused))
	c.samples.WithLabelValues(resultExpired).Add(float64(t.expired))
}
