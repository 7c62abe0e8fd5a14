package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// metricsHandler answers scrapes. Where the plan says so, a scrape starts the polls
// first and waits for them, as long as it can.
func metricsHandler(c *collector.Collector, registry *prometheus.Registry, log *slog.Logger) http.Handler {
	gather := promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:          scrapeErrors{log},
		ErrorHandling:     promhttp.ContinueOnError, // one bad metric must not hide the others
		EnableOpenMetrics: true,
		Registry:          registry,
	})
	var lasts atomic.Int64 // nanoseconds that the last answer took
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), scrapePatience(r, time.Duration(lasts.Load())))
		c.Refresh(ctx)
		cancel()
		start := time.Now()
		gather.ServeHTTP(w, r)
		lasts.Store(int64(time.Since(start)))
	})
}

const (
	scrapeReserve   = 500 * time.Millisecond // to gather and to answer, at least
	scrapeTimeout   = 10 * time.Second       // where the scraper names none: Prometheus's own default
	longestPatience = time.Minute            // within the server's own limit for an answer
)

// scrapePatience is how long a scrape may wait for polls: until shortly before the
// scraper gives up, given how long the last answer took by itself.
func scrapePatience(r *http.Request, lasts time.Duration) time.Duration {
	timeout := scrapeTimeout
	if seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && seconds > 0 {
		timeout = time.Duration(min(seconds, longestPatience.Seconds()) * float64(time.Second))
	}
	return max(0, timeout-max(scrapeReserve, lasts*3/2))
}

// scrapeErrors logs what goes wrong in a scrape.
type scrapeErrors struct{ log *slog.Logger }

// Println implements promhttp.Logger.
func (s scrapeErrors) Println(v ...any) {
	s.log.Error("scrape", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
