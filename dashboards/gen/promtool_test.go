package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// person is whose series the tests make up.
const person = "gina"

// in gives a query as Grafana sends it: for that person, in that unit, over the last
// hour.
func (u unit) in(expr string) string {
	return strings.NewReplacer("$account", person, "$unit", u.value(), "$__range", "3600s", "$find", "", "$rows", "1000", "$instance", ".*", "$__interval", "600s",
		"$window", "14d", "$trace", pathAuto, "${lag}", "900").Replace(expr)
}

// moment is what Prometheus scraped every minute for an hour, and what a question at
// its end must bring.
type moment struct {
	series    map[string]string // in promtool's notation; the last value is of the minute 60
	questions []question
}

// question is an expression and the samples it must bring, by their labels.
type question struct {
	expr string
	want map[string]float64
}

// end is the time of the questions, in seconds.
const end = 3600

// held is a series that had one value for the whole hour.
func held(value float64) string { return fmt.Sprintf("%vx60", value) }

// check lets a real Prometheus answer the questions of all moments.
func check(t *testing.T, moments []moment) {
	t.Helper()
	var tests []map[string]any
	for _, m := range moments {
		var series, questions []map[string]any
		for _, name := range slices.Sorted(maps.Keys(m.series)) {
			series = append(series, map[string]any{"series": name, "values": m.series[name]})
		}
		for _, q := range m.questions {
			samples := []map[string]any{}
			for _, labels := range slices.Sorted(maps.Keys(q.want)) {
				samples = append(samples, map[string]any{"labels": labels, "value": q.want[labels]})
			}
			questions = append(questions, map[string]any{"expr": q.expr, "eval_time": "60m", "exp_samples": samples})
		}
		// promtool loads no sample after the last question, which a negative offset needs.
		questions = append(questions, map[string]any{"expr": "vector(1)", "eval_time": "90m", "exp_samples": []map[string]any{{"labels": "{}", "value": 1}}})
		tests = append(tests, map[string]any{"interval": "1m", "input_series": series, "promql_expr_test": questions})
	}
	promtool(t, map[string]any{"evaluation_interval": "1m", "tests": tests}, "test", "rules")
}

// promtool runs a command of Prometheus's tool on a file; JSON is YAML.
func promtool(t *testing.T, content any, command ...string) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "input.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "promtool", append(command, file)...).CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", command, err, output)
	}
}

func TestPrometheusReadsEveryQueryInBothUnits(t *testing.T) {
	t.Parallel()
	unknown := regexp.MustCompile(`\$\D`) // a group of label_replace is none
	var rules []map[string]string
	for _, d := range draw(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				for _, u := range units() {
					expr := u.in(q.Expr)
					if unknown.MatchString(expr) {
						t.Errorf("%q %s has a variable that nobody knows: %s", p.Title, q.RefID, expr)
					}
					rules = append(rules, map[string]string{"record": fmt.Sprintf("panel:%d_%d", p.ID, len(rules)), "expr": expr})
				}
			}
		}
	}
	if len(rules) < 50 {
		t.Fatalf("only %d queries", len(rules))
	}
	promtool(t, map[string]any{"groups": []any{map[string]any{"name": "queries", "rules": rules}}}, "check", "rules")
}
