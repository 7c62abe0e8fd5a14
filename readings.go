package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// readingsHandler answers scrapes of readings at their own time, none older than the
// window.
func readingsHandler(readings *collector.Readings, window time.Duration, log *slog.Logger) http.Handler {
	options := promhttp.HandlerOpts{ErrorLog: scrapeErrors{log}, EnableOpenMetrics: true}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodHead: // asks for none, and must not take one's place
			return
		case comesFromAnotherSite(r):
			http.Error(w, "another site's page may not scrape", http.StatusForbidden)
			return
		}
		promhttp.HandlerForTransactional(readings.For(scraperOf(r), window), options).ServeHTTP(w, r)
	})
}

// comesFromAnotherSite tells whether a browser asks for a page of another site, or of
// another port of this host. A scrape takes what it reads, so it is judged as requests
// that change something.
func comesFromAnotherSite(r *http.Request) bool {
	changing := r.WithContext(r.Context()) // a copy
	changing.Method = http.MethodPost
	return http.NewCrossOriginProtection().Check(changing) != nil
}

// scraperOf tells scrapers apart: by the name that one gives itself, else by its
// address without the port, which changes, and its program.
func scraperOf(r *http.Request) string {
	const longest = 200
	name := "named " + r.URL.Query().Get("scraper")
	if !r.URL.Query().Has("scraper") {
		host, _, _ := net.SplitHostPort(r.RemoteAddr) // empty where there is none, as on a Unix socket
		name = host + " " + r.UserAgent()
	}
	return name[:min(len(name), longest)]
}
