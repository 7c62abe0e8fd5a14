// Package web answers every HTTP request of the program.
//
// [New] builds the whole of it for one listener: all routes stand in one
// function, and [Guard] says who is answered what.
package web

import (
	"net/http"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// Config says what the routes show.
type Config struct {
	Guard Guard
	// Metrics answers the telemetry path, which is MetricsPath.
	Metrics     http.Handler
	MetricsPath string
	Collector   *collector.Collector
}

// New builds the routes of one listener. The handler is safe for concurrent use.
func New(config Config) http.Handler {
	status := statusPage{collector: config.Collector, metricsPath: config.MetricsPath}
	page := config.Guard.pages

	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page(status))
	mux.Handle("GET /style.css", page(http.HandlerFunc(serveStyle)))
	mux.Handle("GET "+config.MetricsPath, config.Metrics)
	mux.HandleFunc("GET /-/healthy", serveHealthy)
	mux.HandleFunc("GET /-/ready", serveReady(config.Collector))

	return config.Guard.everything(http.NewCrossOriginProtection().Handler(mux))
}
