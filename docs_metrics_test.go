package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// metricRow is a line of a table of docs/metrics.md: its name, what follows from the
// program, and the words of a person.
func metricRow() *regexp.Regexp {
	return regexp.MustCompile("(?m)^\\| `(dexcom_\\w+)` \\| ?([^|]*?) ?\\| ?([^|]*?) ?\\| ([^|]+) \\|$")
}

// unitOf gives the unit that a name tells by its end, as Prometheus wants it.
func unitOf(name string) string {
	for _, unit := range [][2]string{
		{"_timestamp_seconds", "seconds since 1970"},
		{"_seconds", "seconds"},
		{"_seconds_total", "seconds"},
		{"_mg_dl_per_minute", "mg/dL a minute"},
		{"_mg_dl", "mg/dL"},
		{"_ratio", "ratio"},
		{"_calls_per_hour", "calls an hour"},
		{"_grams", "grams"},
		{"_insulin_units", "units"},
	} {
		if strings.HasSuffix(name, unit[0]) {
			return unit[1]
		}
	}
	return ""
}

// The tables of the metrics say type, unit and labels as the program exposes them. The
// demo has a series of every metric; those of /readings are gauges.
func TestMetricsReference(t *testing.T) {
	t.Parallel()
	began := time.Now()
	address := startDemo(t)
	settled(t, address, began)
	_, exposition := get(t, address+"/metrics")
	kinds := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (dexcom_\w+) (\w+)$`).FindAllStringSubmatch(exposition, -1) {
		kinds[line[1]] = line[2]
	}
	const name = "docs/metrics.md"
	page, metrics := read(t, name), known(t)
	got := metricRow().ReplaceAllStringFunc(page, func(line string) string {
		cells := metricRow().FindStringSubmatch(line)
		labels := slices.DeleteFunc(slices.Clone(metrics[cells[1]]), func(label string) bool { return label == "account" })
		for i := range labels {
			labels[i] = code(labels[i])
		}
		kind := kinds[cells[1]]
		if kind == "" {
			kind = "gauge"
		}
		if unit := unitOf(cells[1]); unit != "" {
			kind += ", " + unit
		}
		return fmt.Sprintf("| %s | %s | %s | %s |", code(cells[1]), strings.Join(labels, ", "), kind, cells[4])
	})
	switch {
	case got == page:
	case os.Getenv("UPDATE") != "":
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not current, UPDATE=1 writes it; want\n%s", name, got)
	}
	valuesAreDocumented(t, exposition, page)
}

// valuesAreDocumented looks on the page for each value of each label of ours. Which
// endpoints and codes there are, and the halves of the hours, it tells in words.
func valuesAreDocumented(t *testing.T, exposition, page string) {
	t.Helper()
	inWords := []string{"account", "endpoint", "code", "time_of_day", "le", "version", "revision", "branch", "goversion", "goos", "goarch", "tags", "region"}
	seen := map[string]bool{}
	for _, series := range regexp.MustCompile(`(?m)^dexcom_\w+\{([^}]*)\}`).FindAllStringSubmatch(exposition, -1) {
		for _, label := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(series[1], -1) {
			value := code(label[2])
			if value == "" || seen[label[1]+value] || slices.Contains(inWords, label[1]) {
				continue
			}
			seen[label[1]+value] = true
			if !strings.Contains(page, value) {
				t.Errorf("docs/metrics.md lacks the value %s of the label %s", value, label[1])
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d values of labels are looked for", len(seen))
	}
}
