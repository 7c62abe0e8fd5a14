package e2e

import (
	"errors"
	"maps"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

func TestDemoSaysWhereItIs(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	metrics := demo.says(t, &demo.stdout, `(?m)^Metrics +(\S+)$`)
	status := demo.says(t, &demo.stdout, `(?m)^Status +(\S+)/$`)
	if want := "http://" + demo.address; metrics != want+"/metrics" || status != want {
		t.Errorf("said %s and %s, listens at %s", metrics, status, want)
	}
	page := visitor{base: status}.get(t, "/", http.StatusOK)
	for _, account := range []string{"alice", "bob", "carol"} {
		if !strings.Contains(page.body, account) {
			t.Errorf("%s is not on the page", account)
		}
	}
	demo.visitor().get(t, "/-/healthy", http.StatusOK)
}

// What the guard keeps closed is not offered.
func TestDemoSaysThatThePageIsClosed(t *testing.T) {
	t.Parallel()
	demo := start(t, "dexcom_exporter", "demo", "--web.listen-address=0.0.0.0:0")
	demo.says(t, &demo.stdout, `(?m)^Status +(closed), .*--web\.open-pages`)
	demo.says(t, &demo.stdout, `(?m)^Metrics +http://localhost:(\d+)/metrics$`)
	open := start(t, "dexcom_exporter", "demo", "--web.listen-address=0.0.0.0:0", "--web.open-pages")
	status := open.says(t, &open.stdout, `(?m)^Status +(\S+)/$`)
	visitor{base: status}.get(t, "/", http.StatusOK)
}

func TestDemoPassesPromtool(t *testing.T) {
	t.Parallel()
	metrics := startDemo(t).visitor().get(t, "/metrics", http.StatusOK)
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = strings.NewReader(metrics.body)
	if output, err := check.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, output)
	}
}

// The formats are asked for as Prometheus does.
func TestDemoFormatsAgree(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	formats := []struct{ accept, contentType string }{
		{"text/plain;version=0.0.4", "text/plain; version=0.0.4;"},
		{"application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0;"},
		{
			"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
			"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
		},
	}
	eventually(t, func() error { // a poll between two scrapes may make them differ
		var before series
		for _, format := range formats {
			v := demo.visitor()
			v.header = [2]string{"Accept", format.accept}
			metrics := v.get(t, "/metrics", http.StatusOK)
			if got := metrics.header.Get("Content-Type"); !strings.HasPrefix(got, format.contentType) {
				t.Fatalf("asked for %s, got %s", format.accept, got)
			}
			now := readSeries(t, metrics).of("dexcom_")
			if len(now) < 100 {
				t.Fatalf("%s: only %d series", format.accept, len(now))
			}
			if before != nil && !maps.Equal(before, now) {
				return errors.New(format.accept + " differs from the format before it")
			}
			before = now
		}
		return nil
	})
}

func TestDemoMethods(t *testing.T) {
	t.Parallel()
	v := startDemo(t).visitor()
	head, err := v.ask(http.MethodHead, "/metrics")
	if err != nil || head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Type") == "" {
		t.Errorf("HEAD: got %d, %v, %q, %v", head.status, head.header, head.body, err)
	}
	post, err := v.ask(http.MethodPost, "/metrics")
	if err != nil || post.status != http.StatusMethodNotAllowed || post.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: got %d, %v, %v", post.status, post.header, err)
	}
	v.get(t, "/metrics/", http.StatusNotFound)
}
