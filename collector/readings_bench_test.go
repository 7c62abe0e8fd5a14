package collector

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// BenchmarkReadings answers scrapes of /readings, and the same answer of client_golang
// alone from families that are there already.
func BenchmarkReadings(b *testing.B) {
	for _, accounts := range accountsMeasured() {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			readings := crowd(b, accounts).NewReadings()
			gather := func() []*dto.MetricFamily { return readings.gather("bench", window12h) }
			families := gather()
			samples := countSeries(families)
			if n := countSeries(gather()); n != samples || samples < 2*mostOffered*accounts {
				b.Fatalf("%d samples, and then %d", samples, n)
			}
			bare := promhttp.HandlerFor(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil }), promhttp.HandlerOpts{})
			ours := promhttp.HandlerForTransactional(readings.For("bench", window12h), promhttp.HandlerOpts{})
			both := rivals{samples, func(b *testing.B) { scrape(b, bare) }, func(b *testing.B) { scrape(b, ours) }}
			both.compare(b, nothing)
			both.ratio(b, "cold", func(bool) { heap() }) // nothing of the answer before is left
		})
	}
}

// window12h is the window of /readings unless it is configured.
const window12h = 12 * time.Hour

// BenchmarkScrapers measures what the program remembers of those who scrape /readings.
func BenchmarkScrapers(b *testing.B) {
	const accounts = 100
	c := crowd(b, accounts)
	var held float64
	for b.Loop() {
		readings := c.NewReadings()
		before := heap()
		for i := range mostScrapers {
			readings.gather(strconv.Itoa(i), window12h)
		}
		if len(readings.scrapers) != mostScrapers {
			b.Fatalf("%d scrapers are remembered", len(readings.scrapers))
		}
		held = float64(heap()) - float64(before)
		runtime.KeepAlive(readings)
	}
	b.ReportMetric(held/mostScrapers/accounts, "B/account/scraper")
	b.ReportMetric(held/accounts, "B/account/16scrapers")
}

// heap is how many bytes are in use once all garbage is gone.
func heap() uint64 {
	runtime.GC() // twice: what was in a pool goes with the second
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
