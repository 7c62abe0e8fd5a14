package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3" //nolint:depguard // the rules are YAML, and no part of the program
)

// ruleFile is what a file of rules holds.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []alertRule
	}
}

type alertRule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string

	group string
}

// rulesTest is what a test of the rules expects.
type rulesTest struct {
	Tests []struct {
		Name  string
		Rules []struct {
			Alertname string
			Alerts    []any `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
		Expressions []struct {
			Expr    string
			Samples []struct{ Labels string } `yaml:"exp_samples"`
		} `yaml:"promql_expr_test"`
	}
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, file)), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// alertRules are all rules, recording ones too.
func alertRules(t *testing.T) (rules []alertRule) {
	t.Helper()
	var file ruleFile
	parse(t, "alerts/dexcom.rules.yaml", &file)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			rule.group = group.Name
			rules = append(rules, rule)
		}
	}
	if len(rules) < 40 {
		t.Fatalf("only %d rules found", len(rules))
	}
	return rules
}

func alertNames(t *testing.T) (names []string) {
	t.Helper()
	for _, rule := range alertRules(t) {
		if rule.Alert != "" {
			names = append(names, rule.Alert)
		}
	}
	return names
}

// nobodys alerts are about no account.
func nobodys(alert string) bool {
	return slices.Contains([]string{"Watchdog", "DexcomExporterAbsent", "DexcomReadingsRefused", "DexcomRateLimitNear", "DexcomOTLPFailing"}, alert)
}

// live tells of alerts about a value of now.
func (r alertRule) live() bool { return r.group == "dexcom-live" && r.Alert != "" }

func TestAlertsSayWhatToDo(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/alerts.md")
	for _, rule := range alertRules(t) {
		if rule.Alert == "" {
			continue
		}
		for _, name := range []string{"summary", "description", "runbook_url", "disclaimer"} {
			if rule.Annotations[name] == "" {
				t.Errorf("%s has no %s", rule.Alert, name)
			}
		}
		if want := "Not a medical device, not for treatment decisions; keep the Dexcom app's own alarms on."; rule.Annotations["disclaimer"] != want {
			t.Errorf("%s: the disclaimer is %q", rule.Alert, rule.Annotations["disclaimer"])
		}
		if want := "/docs/alerts.md#" + strings.ToLower(rule.Alert); !strings.HasSuffix(rule.Annotations["runbook_url"], want) {
			t.Errorf("%s: the runbook is %s", rule.Alert, rule.Annotations["runbook_url"])
		}
		if !strings.Contains(page, "\n### "+rule.Alert+"\n") {
			t.Errorf("%s is not in docs/alerts.md", rule.Alert)
		}
		if !nobodys(rule.Alert) && !strings.Contains(rule.Annotations["summary"], "{{ $labels.account }}") {
			t.Errorf("%s does not say whom it is about: %s", rule.Alert, rule.Annotations["summary"])
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, rule.Labels["severity"]) || len(rule.Labels) != 1 {
			t.Errorf("%s has the labels %v", rule.Alert, rule.Labels)
		}
	}
}

// Whoever reads a value reads it in the own unit, with its age.
func TestLiveAlertsShowValueAndAge(t *testing.T) {
	t.Parallel()
	live := 0
	for _, rule := range alertRules(t) {
		if !rule.live() {
			continue
		}
		live++
		for _, part := range []string{"mg/dL", "mmol/L", "LOW", "HIGH", "humanizeDuration", "ago"} {
			if !strings.Contains(rule.Annotations["reading"], part) {
				t.Errorf("the reading of %s has no %s", rule.Alert, part)
			}
		}
		if rule.For != "" {
			t.Errorf("%s waits for %s", rule.Alert, rule.For)
		}
	}
	if live != 8 {
		t.Errorf("%d alerts are live, want 8", live)
	}
	for _, rule := range alertRules(t) {
		for name, text := range rule.Annotations {
			if strings.Contains(text, " mg/dL") && !strings.Contains(text, "mmol/L") {
				t.Errorf("%s of %s is in one unit: %s", name, rule.Alert, text)
			}
		}
	}
}

// insideAccount tells whether a position of an expression is inside an aggregation by
// account, and perhaps more.
func insideAccount(expr string, at int) bool {
	for _, start := range regexp.MustCompile(`(max|min|sum) by \(account[^)]*\) \(`).FindAllStringIndex(expr[:at], -1) {
		depth := 1
		for _, r := range expr[start[1]:at] {
			switch r {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 {
				break
			}
		}
		if depth > 0 {
			return true
		}
	}
	return false
}

// Two jobs may scrape one exporter: what comes from a scrape is aggregated wherever it
// is read. What a rule recorded has the account alone.
func TestRulesAggregateByAccount(t *testing.T) {
	t.Parallel()
	scraped := regexp.MustCompile(`(?:^|[^:\w])(dexcom_\w+)`)
	for _, rule := range alertRules(t) {
		for _, at := range scraped.FindAllStringSubmatchIndex(rule.Expr, -1) {
			name := rule.Expr[at[2]:at[3]]
			if !nobodys(rule.Alert) && !strings.HasPrefix(rule.Record, "job_instance:") && !insideAccount(rule.Expr, at[2]) {
				t.Errorf("%s%s reads %s outside of an aggregation by account:\n%s", rule.Alert, rule.Record, name, rule.Expr)
			}
		}
		if rule.Record != "" && !regexp.MustCompile(`^(account(_[a-z]+)*|job_instance):`).MatchString(rule.Record) {
			t.Errorf("%s does not say by what it aggregates", rule.Record)
		}
	}
	for expr, want := range map[string]bool{
		"max by (account) (X)": true, "max by (account) (a) > X": false, "max by (account) (a(b) and X)": true,
		"X": false, "max(X)": false, "min by (account, source) (X) == 0": true, "max by (source) (X)": false,
	} {
		if got := insideAccount(expr, strings.Index(expr, "X")); got != want {
			t.Errorf("%s is inside: %v", expr, got)
		}
	}
}

// Rules, annotations and the page beside them name only what exists.
func TestRulesNameOnlyMetricsThatExist(t *testing.T) {
	t.Parallel()
	recorded := map[string]bool{}
	for _, rule := range alertRules(t) {
		recorded[rule.Record] = true
	}
	metrics, page := known(t), read(t, "docs/metrics.md")
	names := regexp.MustCompile(`(?:[a-z_]+:)?\bdexcom_[a-z0-9_]+(?::\w+)?`)
	for _, file := range []string{"alerts/dexcom.rules.yaml", "alerts/README.md"} {
		for _, name := range names.FindAllString(read(t, file), -1) {
			_, known := metrics[name]
			known = known && strings.Contains(page, "`"+name+"`")
			if !known && !recorded[name] && name != "dexcom_exporter" {
				t.Errorf("%s names %s, which does not exist", file, name)
			}
		}
	}
}

// Every alert fires in a test, and is silent in a case of that test which lists
// all that fire.
func TestEveryAlertFiresAndIsSilentInATest(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("alerts/tests/*.yaml")
	if err != nil || len(files) < len(scenes()) {
		t.Fatalf("%v, %v", files, err)
	}
	fires, silent, told, cases := map[string]bool{}, map[string]bool{}, map[string]bool{}, 0
	for _, file := range files {
		var content rulesTest
		parse(t, file, &content)
		for _, test := range content.Tests {
			for _, rule := range test.Rules {
				told[rule.Alertname] = told[rule.Alertname] || len(rule.Alerts) > 0
				cases++
			}
			for _, name := range alertNames(t) {
				some, none := false, false
				for _, expression := range test.Expressions {
					if !strings.Contains(expression.Expr, "ALERTS{") || strings.Contains(expression.Expr, `alertname!="`+name+`"`) {
						continue
					}
					found := false
					for _, sample := range expression.Samples {
						found = found || strings.Contains(sample.Labels, `alertname="`+name+`"`)
					}
					some, none = some || found, none || !found
				}
				fires[name], silent[name] = fires[name] || some, silent[name] || some && none
			}
			cases += len(test.Expressions)
		}
	}
	t.Logf("%d files, %d cases, %d alerts", len(files), cases, len(alertNames(t)))
	for _, name := range alertNames(t) {
		if !fires[name] {
			t.Errorf("%s fires in no test", name)
		}
		if !silent[name] && name != "Watchdog" {
			t.Errorf("%s is silent in no test in which it fires", name)
		}
		if !told[name] {
			t.Errorf("the annotations of %s are in no test", name)
		}
	}
}
