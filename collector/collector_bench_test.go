package collector

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// BenchmarkMetrics answers scrapes of /metrics, and the same answer of client_golang
// alone from metrics that are there already. Before each turn every twentieth of many
// accounts has news; the one of one account has none but in a part of its own.
func BenchmarkMetrics(b *testing.B) {
	for _, accounts := range accountsMeasured() {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			c := crowd(b, accounts)
			ours := registryOf(b, c)
			plain := registryOf(b, plainCopy(b, c))
			series := countSeries(gather(b, ours))
			if n := countSeries(gather(b, plain)); n != series || series < 100*accounts {
				b.Fatalf("%d series, and %d plain ones", series, n)
			}
			bare, whole := promhttp.HandlerFor(plain, promhttp.HandlerOpts{}), promhttp.HandlerFor(ours, promhttp.HandlerOpts{})
			both := rivals{series, func(b *testing.B) { scrape(b, bare) }, func(b *testing.B) { scrape(b, whole) }}
			const perReading = 20 // scrapes every 15 s
			both.compare(b, newsOf(c.all(), perReading))
			if accounts == 1 {
				both.ratio(b, "after-news", newsOf(c.all(), 1))
			}
		})
	}
}

// newsOf gives one of so many accounts news before each of our turns: its statistics must
// be computed again. Of fewer accounts nobody has any.
func newsOf(accounts []*account, of int) (happen func(ours bool)) {
	turn := 0
	return func(ours bool) {
		if !ours {
			return
		}
		turn++
		for i := turn % of; i < len(accounts) && len(accounts) >= of; i += of {
			accounts[i].figured = figured{}
		}
	}
}

func registryOf(b *testing.B, c prometheus.Collector) *prometheus.Registry {
	b.Helper()
	registry := prometheus.NewRegistry()
	if err := registry.Register(c); err != nil {
		b.Fatal(err)
	}
	return registry
}

func gather(b *testing.B, g prometheus.Gatherer) []*dto.MetricFamily {
	b.Helper()
	families, err := g.Gather()
	if err != nil {
		b.Fatal(err)
	}
	return families
}

func countSeries(families []*dto.MetricFamily) (n int) {
	for _, family := range families {
		n += len(family.GetMetric())
	}
	return n
}

// plain is what a collector gave once.
type plain struct {
	prometheus.Collector

	metrics []prometheus.Metric
}

func (p plain) Collect(ch chan<- prometheus.Metric) {
	for _, metric := range p.metrics {
		ch <- metric
	}
}

// constant is a metric that is written already, as client_golang's constant ones are.
type constant struct {
	desc    *prometheus.Desc
	written dto.Metric
}

func (c *constant) Desc() *prometheus.Desc { return c.desc }

func (c *constant) Write(out *dto.Metric) error {
	out.Label, out.Counter, out.Gauge, out.Histogram = c.written.Label, c.written.Counter, c.written.Gauge, c.written.Histogram
	return nil
}

// plainCopy is the same metrics as a collector gives, in the same order.
func plainCopy(b *testing.B, c prometheus.Collector) plain {
	b.Helper()
	given := make(chan prometheus.Metric)
	go func() {
		defer close(given)
		c.Collect(given)
	}()
	copied := plain{Collector: c}
	for metric := range given {
		kept := &constant{desc: metric.Desc()}
		if err := metric.Write(&kept.written); err != nil {
			b.Fatal(err)
		}
		copied.metrics = append(copied.metrics, kept)
	}
	return copied
}

// scrape asks as a scraper that takes plain text does, and drops the answer.
func scrape(b *testing.B, handler http.Handler) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		b.Fatal(err)
	}
	answer := &drain{header: http.Header{}}
	handler.ServeHTTP(answer, request)
	if answer.status > http.StatusOK || answer.size == 0 {
		b.Fatalf("%d, %d bytes", answer.status, answer.size)
	}
}

// drain is an answer that nobody reads.
type drain struct {
	header http.Header
	status int
	size   int
}

func (d *drain) Header() http.Header { return d.header }

func (d *drain) WriteHeader(status int) { d.status = status }

func (d *drain) Write(p []byte) (int, error) {
	d.size += len(p)
	return len(p), nil
}
