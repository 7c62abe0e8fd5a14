package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// startStack starts the Prometheus of the stack with its flags, its rules and its
// configuration, where only the addresses are others and the pace is faster. The
// exporter comes last: an empty storage accepts samples of any age once.
func startStack(t *testing.T, exporter, manager string) prometheus {
	t.Helper()
	service := demoStack(t).Services["prometheus"]
	root := laidOut(t, service)
	configFile := root + flag(t, service, "--config.file")
	text, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	configure := func(exporter string) error {
		config := strings.NewReplacer(`"exporter:10180"`, strconv.Quote(exporter), `"alertmanager:9093"`, strconv.Quote(manager),
			"_interval: 1m", "_interval: 1s").Replace(string(text))
		return errors.Join(os.Remove(configFile), os.WriteFile(configFile, []byte(config), 0o600))
	}
	if err := configure("127.0.0.1:1"); err != nil { // nobody is there
		t.Fatal(err)
	}
	flags := []string{"--web.listen-address=127.0.0.1:0"}
	for _, word := range service.Command {
		flags = append(flags, strings.Replace(word, "=/", "="+root+"/", 1))
	}
	p := start(t, prometheus3(t), flags...)
	address := p.says(t, &p.stderr, `msg="Listening on" component=web address=(\S+)`)
	p.says(t, &p.stderr, `(Server is ready to receive web requests)`)
	server := prometheus{process: p, visitor: visitor{base: "http://" + address}, configFile: configFile}
	server.expect(t, `max(up)`, func(up float64, found bool) bool { return found && up == 0 })
	if err := configure(exporter); err != nil {
		t.Fatal(err)
	}
	server.signal(t, syscall.SIGHUP)
	return server
}

// list gives what a list of Prometheus's HTTP API has under data.
func (p prometheus) list(path string, into any) error {
	got, err := p.ask(http.MethodGet, path)
	if err != nil || got.status != http.StatusOK {
		return fmt.Errorf("ask for %s: %d %s %w", path, got.status, got.body, err)
	}
	var answer struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// rulesAreWell expects that every rule was evaluated, and without a fault.
func (p prometheus) rulesAreWell() error {
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := p.list("/api/v1/rules", &rules); err != nil {
		return err
	}
	well := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if rule.Health != "ok" && group.Name != "dexcom-upkeep" { // within five minutes
				return fmt.Errorf("%s of %s is %s: %s", rule.Name, group.Name, rule.Health, rule.LastError)
			}
			if rule.Health == "err" {
				return fmt.Errorf("%s of %s: %s", rule.Name, group.Name, rule.LastError)
			}
			well++
		}
	}
	if well < 49 {
		return fmt.Errorf("only %d rules", well)
	}
	return nil
}

// The stack's own configuration shows the demo: both jobs, every rule, late readings
// out of order, and an Alertmanager that hears the Watchdog.
func TestStackShowsTheDemo(t *testing.T) {
	t.Parallel()
	demo, told := startDemo(t), newWebhook(t)
	server := startStack(t, demo.address, startAlertmanager(t, 12, told))
	for _, job := range []string{"dexcom", "dexcom-readings"} {
		server.expect(t, fmt.Sprintf("up{job=%q}", job), func(up float64, found bool) bool { return found && up == 1 })
	}
	const late = "sum(count_over_time(dexcom_egv_mg_dl[12h] offset 2h))" // Prometheus takes them an hour late without a window
	server.expect(t, late, func(n float64, found bool) bool { return found && n >= 100 })
	own := readSeries(t, server.get(t, "/metrics", http.StatusOK))
	if n := own[`prometheus_tsdb_head_out_of_order_samples_appended_total{type="float"}`]; n < 100 {
		t.Errorf("%v samples were stored out of order", n)
	}
	eventuallyWithin(t, 4*patience, server.rulesAreWell)
	eventuallyWithin(t, 4*patience, func() error { _, err := told.of("Watchdog", ""); return err })
}
