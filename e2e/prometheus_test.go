package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prometheus is a running Prometheus with a storage of its own.
type prometheus struct {
	*process
	visitor

	configFile string
}

// startPrometheus starts one that scrapes itself and these jobs, in YAML, and waits
// until it has scraped itself: what an empty storage takes says nothing, it accepts
// samples of any age once.
func startPrometheus(t *testing.T, jobs ...string) prometheus {
	t.Helper()
	configFile := write(t, "prometheus.yml", "{}")
	p := start(t, "prometheus", "--config.file="+configFile, "--web.enable-lifecycle", "--web.listen-address=127.0.0.1:0",
		"--storage.tsdb.path="+filepath.Join(filepath.Dir(configFile), "data"))
	address := p.says(t, &p.stderr, `msg="Listening on" address=(\S+)`)
	server := prometheus{process: p, visitor: visitor{base: "http://" + address}, configFile: configFile}
	p.says(t, &p.stderr, `(Server is ready to receive web requests)`)
	jobs = append([]string{server.job()}, jobs...)
	server.load(t, "global: {scrape_interval: 1s}\nscrape_configs:\n  - "+strings.Join(jobs, "\n  - "))
	server.expect(t, `up{job="prometheus"}`, func(up float64, found bool) bool { return found && up == 1 })
	return server
}

// job is its scrape of itself.
func (p prometheus) job() string {
	return fmt.Sprintf("{job_name: prometheus, static_configs: [{targets: [%q]}]}", p.base[len("http://"):])
}

// load gives it another configuration.
func (p prometheus) load(t *testing.T, config string) {
	t.Helper()
	if err := os.WriteFile(p.configFile, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	reload, err := p.ask(http.MethodPost, "/-/reload")
	if err != nil || reload.status != http.StatusOK {
		t.Fatalf("load the configuration: %d %s %v\n%s", reload.status, reload.body, err, config)
	}
}

// sample is a value that was scraped at a time.
type sample struct {
	at    time.Time
	value float64
}

// samples gives what an expression yields: the newest sample of a series, or of a
// range all of them. It yields one series at most.
func (p prometheus) samples(expression string) ([]sample, error) {
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil {
		return nil, err
	}
	var result struct {
		Data struct {
			Result []struct {
				Value  *[2]any // seconds, and the value as text
				Values [][2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &result); err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("query %s: %d %s %w", expression, got.status, got.body, err)
	}
	if len(result.Data.Result) > 1 {
		return nil, fmt.Errorf("query %s: more than one series: %s", expression, got.body)
	}
	var found []sample
	for _, series := range result.Data.Result {
		if series.Value != nil {
			series.Values = append(series.Values, *series.Value)
		}
		for _, pair := range series.Values {
			seconds, _ := pair[0].(float64)
			value, err := strconv.ParseFloat(fmt.Sprint(pair[1]), 64)
			if err != nil {
				return nil, fmt.Errorf("query %s: %w", expression, err)
			}
			found = append(found, sample{time.UnixMilli(int64(seconds * 1000)), value})
		}
	}
	return found, nil
}

// stored gives all samples of a series that were scraped in the last minutes.
func (p prometheus) stored(t *testing.T, name string) []sample {
	t.Helper()
	found, err := p.samples(name + "[10m]")
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d samples, %v", name, len(found), err)
	}
	return found
}

// query gives the value of an expression that yields one series at most.
func (p prometheus) query(expression string) (value float64, found bool, err error) {
	newest, err := p.samples(expression)
	if err != nil || len(newest) == 0 {
		return 0, false, err
	}
	return newest[0].value, true, nil
}

// expect waits until an expression has the value that it should have.
func (p prometheus) expect(t *testing.T, expression string, holds func(value float64, found bool) bool) {
	t.Helper()
	eventually(t, func() error {
		value, found, err := p.query(expression)
		if err == nil && !holds(value, found) {
			err = fmt.Errorf("%s is %v (found: %v)", expression, value, found)
		}
		return err
	})
}
