package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// No object holds what is secret; the names of its files it may.
func TestChartHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, values := range chartValues() {
		for name, object := range render(t, values) {
			if object["kind"] == "Secret" {
				t.Errorf("%s: %s", values, name)
			}
			if data, _ := object.at("data", "config.yaml").(string); strings.Contains(data, "password:") || strings.Contains(data, "client_secret:") {
				t.Errorf("%s: %s holds a secret:\n%s", values, name, data)
			}
		}
	}
}

// Prometheus comes in through network policy, service and port to the program.
func TestChartPortsMeet(t *testing.T) {
	t.Parallel()
	for _, values := range []string{familyValues, closedValues} {
		objects := render(t, values)
		deployment, service, policy := only(t, objects, "Deployment"), only(t, objects, "Service"), only(t, objects, "NetworkPolicy")
		deployment.expect(t, []any{map[string]any{"name": "http", "containerPort": 10180}}, "spec", "template", "spec", "containers", 0, "ports")
		service.expect(t, []any{map[string]any{"name": "http", "port": 10180, "targetPort": "http"}}, "spec", "ports")
		service.expect(t, nil, "spec", "type") // inside of the cluster only
		policy.expect(t, []any{"Ingress", "Egress"}, "spec", "policyTypes")
		pods := deployment.part("spec", "template", "metadata", "labels")
		for _, labels := range []manifest{
			deployment.part("spec", "selector", "matchLabels"), service.part("spec", "selector"), policy.part("spec", "podSelector", "matchLabels"),
			only(t, objects, "ServiceMonitor").part("spec", "selector", "matchLabels"),
		} {
			if len(labels) != 2 {
				t.Errorf("the selector is %v", labels)
			}
			for label, value := range labels {
				if pods[label] != value || service.at("metadata", "labels", label) != value {
					t.Errorf("nothing has %s=%v", label, value)
				}
			}
		}
	}
	render := func(values string) manifest { return only(t, render(t, values), "NetworkPolicy") }
	render(familyValues).expect(t, []any{map[string]any{
		"from": []any{map[string]any{
			"namespaceSelector": map[string]any{},
			"podSelector":       map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/name": "prometheus"}},
		}},
		"ports": []any{map[string]any{"port": "http", "protocol": "TCP"}},
	}}, "spec", "ingress")
	render(closedValues).expect(t, []any{}, "spec", "ingress")
	if egress := render(closedValues).list("spec", "egress"); len(egress) != 3 {
		t.Errorf("the egress is %v", egress)
	}
}

// Both jobs, under names that a restart of the pod does not change.
func TestChartIsScraped(t *testing.T) {
	t.Parallel()
	monitor := only(t, render(t, familyValues), "ServiceMonitor")
	monitor.expect(t, "kube-prometheus-stack", "metadata", "labels", "release")
	jobs := map[any]any{}
	for i := range monitor.list("spec", "endpoints") {
		monitor.expect(t, "http", "spec", "endpoints", i, "port")
		monitor.expect(t, "glucose-dexcom-exporter", "spec", "endpoints", i, "relabelings", 1, "replacement")
		jobs[monitor.at("spec", "endpoints", i, "relabelings", 0, "replacement")] = monitor.at("spec", "endpoints", i, "path")
	}
	if want := map[any]any{"dexcom": "/metrics", "dexcom-readings": "/readings"}; !reflect.DeepEqual(jobs, want) {
		t.Errorf("the jobs are %v", jobs)
	}
	closed := only(t, render(t, closedValues), "ServiceMonitor")
	for i := range closed.list("spec", "endpoints") {
		closed.expect(t, map[string]any{"name": "dexcom-scrape", "key": "password"}, "spec", "endpoints", i, "basicAuth", "password")
	}
}

func TestChartCarriesTheRules(t *testing.T) {
	t.Parallel()
	rule := only(t, render(t, familyValues), "PrometheusRule")
	text, err := os.ReadFile("../alerts/dexcom.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	rule.expect(t, want, "spec")
	spec, err := yaml.Marshal(rule["spec"])
	if err != nil {
		t.Fatal(err)
	}
	passes(t, "promtool", "check", "rules", write(t, "rules.yaml", string(spec)))
}

func TestChartCarriesTheDashboards(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../dashboards/*.json")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	objects := render(t, familyValues)
	loaded := 0
	for _, object := range objects {
		if object.at("metadata", "labels", "grafana_dashboard") != nil {
			loaded++
		}
	}
	if loaded != len(files) {
		t.Errorf("%d dashboards, want %d", loaded, len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		object := objects["ConfigMap glucose-dexcom-exporter-"+name]
		object.expect(t, "1", "metadata", "labels", "grafana_dashboard")
		got, _ := object.at("data", "dexcom-"+name+".json").(string)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var was, is any
		if err := json.Unmarshal(text, &was); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(got), &is); err != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("%s is another one: %v", name, err)
		}
		if quoted, _ := json.Marshal(got); len(quoted) > 200<<10 {
			t.Errorf("%s has %d bytes: `kubectl apply` keeps 256 KiB of an object", name, len(quoted))
		}
	}
}

// The chart's files are the repository's own, and not copies.
func TestChartCopiesNothing(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(chartDirectory + "/files")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Type()&os.ModeSymlink == 0 {
			t.Errorf("%s is a copy", entry.Name())
		}
		names = append(names, entry.Name())
	}
	if want := []string{"dexcom.rules.yaml", "everyone.json", "exporter.json", "glucose.json"}; !slices.Equal(names, want) {
		t.Errorf("the chart carries %v, want %v", names, want)
	}
}
