package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/otlp"
)

// exposed gives every metric of ours and its labels, as registered.
func exposed(t *testing.T) map[string][]string {
	t.Helper()
	c := collector.New(collector.NewCalls(), slog.New(slog.DiscardHandler))
	registry, err := newRegistry(c, otlp.NewCounters(), newReloader(service{}, nil, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan *prometheus.Desc, 1000)
	registry.Describe(ch)
	close(ch)
	parts := regexp.MustCompile(`fqName: "(dexcom_\w+)".*variableLabels: \{([^}]*)\}`)
	found := map[string][]string{}
	for desc := range ch {
		if match := parts.FindStringSubmatch(desc.String()); match != nil {
			found[match[1]] = strings.FieldsFunc(match[2], func(r rune) bool { return r == ',' })
		}
	}
	return found
}

// known gives every metric of ours and its labels, those of /readings too.
func known(t *testing.T) map[string][]string {
	t.Helper()
	found := exposed(t)
	for _, metric := range collector.Metrics() {
		found[string(metric)] = []string{"account"}
	}
	found[string(collector.Event)] = []string{"account", "type", "subtype", "unit"}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/metrics.md")
	metrics := known(t)
	if len(metrics) < 30 {
		t.Fatalf("only %d metrics found", len(metrics))
	}
	documented := map[string]string{}
	for _, row := range metricRow().FindAllStringSubmatch(page, -1) {
		documented[row[1]] = row[2]
	}
	for name, labels := range metrics {
		row, there := documented[name]
		if !there {
			t.Errorf("%s is not in docs/metrics.md", name)
		}
		for _, label := range labels {
			if label != "account" && !strings.Contains(row, "`"+label+"`") {
				t.Errorf("%s: docs/metrics.md has %q and not the label %s", name, row, label)
			}
		}
	}
}

func TestDocumentsNameOnlyMetricsThatExist(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("%v, %v", pages, err)
	}
	metrics := known(t)
	names := regexp.MustCompile(`\bdexcom_[a-z0-9_]+\b`)
	for _, page := range append(pages, others(t)...) {
		for _, name := range names.FindAllString(read(t, page), -1) {
			name = withoutSuffix(name, metrics)
			if _, known := metrics[name]; !known && name != "dexcom_exporter" {
				t.Errorf("%s names %s, which does not exist", page, name)
			}
		}
	}
}

// others are the files besides the pages of docs/ and the rules that name metrics.
func others(t *testing.T) []string {
	t.Helper()
	dashboards, err := filepath.Glob("dashboards/*.json")
	if err != nil || len(dashboards) < 3 {
		t.Fatalf("%v, %v", dashboards, err)
	}
	return append(dashboards, "README.md", "CHANGELOG.md", "dashboards/README.md", "deploy/compose/README.md", "deploy/compose/prometheus.yml")
}

// withoutSuffix is the metric of a series of a histogram.
func withoutSuffix(name string, metrics map[string][]string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if metric, ok := strings.CutSuffix(name, suffix); ok && metrics[metric] != nil {
			return metric
		}
	}
	return name
}

// The README begins with Share, and adds the official API to it.
func TestTheReadmesConfigurationsLoad(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)```yaml\n((?:apps|accounts):.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d configurations in README.md, want 2", len(blocks))
	}
	for i, block := range blocks {
		file := configured(t, block[1])
		write(t, filepath.Join(filepath.Dir(file), "secret-us"), "secret")
		write(t, filepath.Join(filepath.Dir(file), "alice.pw"), "secret")
		loaded, err := config.Load(file)
		if err != nil || len(loaded.Accounts) != 1 || (loaded.Accounts[0].Share != nil) != (i == 0) || (loaded.Accounts[0].API != nil) != (i == 1) {
			t.Errorf("%+v, %v", loaded, err)
		}
	}
}

// What the guide to Share shows is for the accounts of a configuration with an app.
func TestTheShareGuidesConfigurationLoads(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)```yaml\n(accounts:.*?)```").FindAllStringSubmatch(read(t, "docs/share.md"), -1)
	if len(blocks) != 1 {
		t.Fatalf("%d configurations in docs/share.md, want 1", len(blocks))
	}
	file := configured(t, "apps: {us: {client_id: id, client_secret: secret}}\n"+blocks[0][1])
	write(t, filepath.Join(filepath.Dir(file), "alice.pw"), "secret\n")
	loaded, err := config.Load(file)
	if err != nil || len(loaded.Accounts) != 1 || loaded.Accounts[0].Share == nil {
		t.Errorf("%+v, %v", loaded, err)
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
