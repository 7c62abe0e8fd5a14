// Package web answers every HTTP request of the program.
//
// [New] builds the whole of it for one listener: all routes stand in one
// function, and [Guard] says who is answered what.
package web

import (
	"net/http"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Config says what the routes show.
type Config struct {
	Guard Guard
	// Metrics answers the telemetry path, which is MetricsPath.
	Metrics     http.Handler
	MetricsPath string
	// Readings answers /readings; with nil there is no such route.
	Readings  http.Handler
	Collector *collector.Collector
	// OnScrape says that scrapes start the polls, for the words of the status page.
	OnScrape bool
	// Reload loads the configuration again; nil when that is not allowed.
	Reload func() error
	// Linker links the accounts to people; with nil there are no routes for that.
	Linker *dexcom.Linker
	// FormOrigins are the origins, such as https://host:port, that the forms of the
	// pages may lead to besides this program and Dexcom's own sites: those of other
	// base addresses, and of redirect addresses, because Dexcom sends a person whom
	// it knows straight back.
	FormOrigins []string
}

// New builds the routes of one listener. The handler is safe for concurrent use.
// It is an error if one of the FormOrigins is none.
func New(config Config) (http.Handler, error) {
	layout, err := newLayout(config.FormOrigins)
	if err != nil {
		return nil, err
	}
	page := func(show http.HandlerFunc) http.Handler { return config.Guard.pages(show) }

	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page(statusPage{
		collector: config.Collector, metricsPath: config.MetricsPath, readings: config.Readings != nil, onScrape: config.OnScrape, layout: layout,
	}.show))
	mux.Handle("GET /style.css", page(serveStyle))
	if config.Linker != nil {
		linking := linking{config.Linker, config.Collector, layout}
		mux.Handle("POST /accounts/{name}/link", page(linking.known(linking.start)))
		mux.Handle("GET /oauth/callback", page(linking.callback))
		mux.Handle("POST /accounts/{name}/link/confirm", page(linking.known(linking.confirm)))
		mux.Handle("GET /accounts/{name}/unlink", page(linking.known(linking.askUnlink)))
		mux.Handle("POST /accounts/{name}/unlink", page(linking.known(linking.unlink)))
	}
	mux.Handle("GET "+config.MetricsPath, config.Metrics)
	if config.Readings != nil {
		mux.Handle("GET /readings", config.Readings)
	}
	mux.HandleFunc("GET /-/healthy", serveHealthy)
	mux.HandleFunc("GET /-/ready", serveReady(config.Collector))
	mux.HandleFunc("POST /-/reload", serveReload(config.Reload))

	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(serveCrossSite))
	return config.Guard.everything(protection.Handler(mux)), nil
}
