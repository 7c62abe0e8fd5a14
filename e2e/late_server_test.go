package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// lateServer is a Prometheus that scrapes the program as docs/late-data.md says, and
// can be stopped and started again.
type lateServer struct {
	prometheus

	name   string
	binary string
	window string // for samples out of order; empty: none, as it is without a setting
	flags  []string
	logs   []*process // of all its runs
}

// lateServers starts one of each release for each window. They scrape themselves and
// nothing else yet.
func lateServers(t *testing.T, windows ...string) []*lateServer {
	t.Helper()
	var servers []*lateServer
	for _, release := range []struct{ name, binary string }{{"2.42", debianPrometheus}, {"3.15", prometheus3(t)}} {
		for _, window := range windows {
			s := &lateServer{name: release.name, binary: release.binary, window: window}
			if window != "" {
				s.name += "-window-" + window
			}
			s.install(t)
			servers = append(servers, s)
		}
	}
	for _, s := range servers {
		s.ready(t)
		s.load(t, s.config())
	}
	return servers
}

// install gives it an empty storage and starts it.
func (s *lateServer) install(t *testing.T) {
	t.Helper()
	address := freeAddress(t)
	s.prometheus = prometheus{visitor: visitor{base: "http://" + address}, configFile: write(t, "prometheus.yml", "{}")}
	s.flags = []string{
		"--config.file=" + s.configFile, "--web.enable-lifecycle", "--web.listen-address=" + address,
		"--storage.tsdb.path=" + filepath.Join(filepath.Dir(s.configFile), "data"),
	}
	s.start(t)
}

// start starts it on what it has stored.
func (s *lateServer) start(t *testing.T) {
	t.Helper()
	s.process = start(t, s.binary, s.flags...)
	s.logs = append(s.logs, s.process)
}

func (s *lateServer) ready(t *testing.T) {
	t.Helper()
	s.says(t, &s.stderr, `(Server is ready to receive web requests)`)
}

// config scrapes itself and these jobs.
func (s *lateServer) config(jobs ...string) string {
	storage := "{}"
	if s.window != "" {
		storage = fmt.Sprintf("{tsdb: {out_of_order_time_window: %s}}", s.window)
	}
	return fmt.Sprintf("global: {scrape_interval: 1s}\nstorage: %s\nscrape_configs:\n  - %s",
		storage, strings.Join(append([]string{s.job()}, jobs...), "\n  - "))
}

// follow makes it scrape an address of the program.
func (s *lateServer) follow(t *testing.T, address string) {
	t.Helper()
	s.scrape(t, exporter{address: address}.job("scrape_interval: 1s"), s.readingsJob(address))
}

// scrape gives it jobs once it has scraped itself: an empty storage accepts samples of
// any age once.
func (s *lateServer) scrape(t *testing.T, jobs ...string) {
	t.Helper()
	s.expect(t, `up{job="prometheus"}`, func(up float64, found bool) bool { return found && up == 1 })
	s.load(t, s.config(jobs...))
}

// readingsJob is the job for readings. One without a window has to give its name: on
// this machine there is another one of its release.
func (s *lateServer) readingsJob(address string) string {
	params := ""
	if s.window == "" {
		params = fmt.Sprintf("params: {scraper: [%s]}, ", s.name)
	}
	return fmt.Sprintf("{job_name: dexcom-readings, metrics_path: /readings, scrape_interval: 1s, %sstatic_configs: [{targets: [%q]}]}", params, address)
}

// complaints are the warnings and errors in the logs of all its runs that match a
// pattern.
func (s *lateServer) complaints(pattern string) (lines []string) {
	complaint, wanted := regexp.MustCompile(`(?i)level=(warn|error)`), regexp.MustCompile(pattern)
	for _, run := range s.logs {
		for line := range strings.Lines(run.stderr.String()) {
			if complaint.MatchString(line) && wanted.MatchString(line) {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}

// own is a metric of the server itself.
func (s *lateServer) own(t *testing.T, name string) float64 {
	t.Helper()
	got, err := s.ask("GET", "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	return readSeries(t, got)[name]
}

// expectUp expects that every scrape of a job succeeded.
func (s *lateServer) expectUp(t *testing.T, job string) {
	t.Helper()
	for _, up := range s.stored(t, fmt.Sprintf("up{job=%q}", job)) {
		if up.value != 1 {
			t.Errorf("%s: up of %s is %v at %v", s.name, job, up.value, up.at.Format(time.TimeOnly))
		}
	}
}
