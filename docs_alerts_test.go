package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The runbook has each alert of the rules once, with all that a woken person asks,
// and no other.
func TestAlertsReference(t *testing.T) {
	t.Parallel()
	const name = "docs/alerts.md"
	names := alertNames(t)
	var rows [][]string
	for _, rule := range alertRules(t) {
		if rule.Alert != "" {
			rows = append(rows, []string{"[" + rule.Alert + "](#" + strings.ToLower(rule.Alert) + ")", rule.Labels["severity"], rule.For})
		}
	}
	var told []string
	for _, part := range strings.Split(read(t, name), "\n### ")[1:] {
		alert, words, _ := strings.Cut(part, "\n")
		told = append(told, alert)
		for _, asked := range []string{"Do", "Means", "Ends", "Threshold", "Silence"} {
			if !regexp.MustCompile(`(?m)^- \*\*` + asked + `:\*\* .*\w`).MatchString(words) {
				t.Errorf("%s: %s has no %s", name, alert, asked)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(told)
	if !slices.Equal(told, names) || len(names) < 20 {
		t.Errorf("%s has\n%v, the rules have\n%v", name, told, names)
	}
	generated{name, map[string]string{"alerts": table([]string{"alert", "severity", "waits"}, rows)}}.check(t)
}
