package dexcom

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A login whose answer is lost may have been refused. One that never left cannot.
func TestWhetherALostLoginCounts(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = connection.Close()
		}
	}
	cutOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `"`+shareAccount)
	}
	for name, test := range map[string]struct {
		server  func(http.Handler) *httptest.Server
		handler http.HandlerFunc
		counts  bool
	}{
		"hung up":       {httptest.NewServer, hangUp, true},
		"cut off":       {httptest.NewServer, cutOff, true},
		"no trust":      {httptest.NewTLSServer, cutOff, false},
		"nobody there":  {closedServer, cutOff, false},
		"no TLS at all": {muteServer, cutOff, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := test.server(test.handler)
			t.Cleanup(server.Close)
			share := openShare(t, ShareConfig{Region: ShareUS, BaseURL: server.URL, Username: shareUser, Password: sharePassword})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := share.Readings(ctx, time.Hour)
			if kept := share.known(); Reason(err) != ReasonNetwork || len(kept.Failures) > 0 != test.counts || !kept.Attempt.IsZero() {
				t.Errorf("%v, %d failures", err, len(kept.Failures))
			}
		})
	}
}

// closedServer gives an address at which nobody listens.
func closedServer(handler http.Handler) *httptest.Server {
	server := httptest.NewServer(handler)
	server.Close()
	return server
}

// muteServer takes connections and hangs up before TLS has begun.
func muteServer(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		if state == http.StateNew {
			_ = connection.Close()
		}
	}
	server.StartTLS()
	return server
}
