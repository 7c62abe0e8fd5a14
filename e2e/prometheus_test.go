package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// prometheus is a running Prometheus with a storage of its own.
type prometheus struct {
	*process
	visitor

	configFile string
}

// startPrometheus starts one that scrapes itself, and waits until it has: what
// an empty storage takes says nothing, it accepts samples of any age once.
func startPrometheus(t *testing.T) prometheus {
	t.Helper()
	configFile := write(t, "prometheus.yml", "{}")
	p := start(t, "prometheus", "--config.file="+configFile, "--web.enable-lifecycle", "--web.listen-address=127.0.0.1:0",
		"--storage.tsdb.path="+filepath.Join(filepath.Dir(configFile), "data"))
	address := p.says(t, &p.stderr, `msg="Listening on" address=(\S+)`)
	server := prometheus{process: p, visitor: visitor{base: "http://" + address}, configFile: configFile}
	p.says(t, &p.stderr, `(Server is ready to receive web requests)`)
	server.load(t, "global: {scrape_interval: 1s}\nscrape_configs:\n  - "+server.job())
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

// query gives the value of an expression that yields one series at most.
func (p prometheus) query(expression string) (value float64, found bool, err error) {
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil {
		return 0, false, err
	}
	var result struct {
		Data struct {
			Result []struct {
				Value [2]any // seconds, and the value as text
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &result); err != nil || got.status != http.StatusOK {
		return 0, false, fmt.Errorf("query %s: %d %s %w", expression, got.status, got.body, err)
	}
	switch len(result.Data.Result) {
	case 0:
		return 0, false, nil
	case 1:
		value, err = strconv.ParseFloat(fmt.Sprint(result.Data.Result[0].Value[1]), 64)
		return value, true, err
	}
	return 0, false, fmt.Errorf("query %s: more than one series: %s", expression, got.body)
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
