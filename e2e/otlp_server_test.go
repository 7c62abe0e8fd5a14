package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// otlpReceiver is a Prometheus 3 that takes pushes and scrapes nobody but itself.
func otlpReceiver(t *testing.T, window string) *lateServer {
	t.Helper()
	s := &lateServer{name: "otlp", binary: prometheus3(t), window: window}
	if window != "" {
		s.name += "-window-" + window
	}
	s.install(t)
	s.startWith(t, "--web.enable-otlp-receiver")
	s.scrape(t)
	return s
}

// startWith starts a new server again, with more flags.
func (s *lateServer) startWith(t *testing.T, flags ...string) {
	t.Helper()
	s.ready(t)
	stop(t, []*lateServer{s}, syscall.SIGTERM)
	s.flags = append(s.flags, flags...)
	s.start(t)
	s.ready(t)
	s.load(t, s.config())
}

// otlp is where it takes pushes.
func (s *lateServer) otlp() (endpoint string) { return s.base + "/api/v1/otlp" }

// pushTo has a running program load a configuration with which it pushes every second.
func (c *clinic) pushTo(t *testing.T, endpoint string) {
	t.Helper()
	c.poll += fmt.Sprintf("\notlp: {endpoint: %q, interval: 1s}", endpoint)
	for _, arg := range c.args {
		if path, found := strings.CutPrefix(arg, "--config.file="); found {
			if err := os.WriteFile(path, []byte(c.text()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.run.signal(t, syscall.SIGHUP)
}
