package web

import (
	"io"
	"net/http"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

func serveHealthy(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "healthy")
}

func serveReady(c *collector.Collector) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if !c.Ready() {
			say(w, http.StatusServiceUnavailable, "not ready: some accounts have not been asked for the first time yet")
			return
		}
		say(w, http.StatusOK, "ready")
	}
}

// say answers with one line of plain text.
func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a reader who left hears nothing
}
