package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pushedJob is what the program calls itself when it pushes.
const pushedJob = `{job="dexcom_exporter"}`

// compareLiveTable compares what a receiver has with a program's page of metrics: each
// name with its labels, and the names besides, which are those of the readings.
func (s *lateServer) compareLiveTable(t *testing.T, e exporter) error {
	t.Helper()
	emptyLabel := regexp.MustCompile(`\w+="",`) // to Prometheus it is not there
	shown := e.visitor().get(t, "/metrics", http.StatusOK)
	pushed, err := s.vector(pushedJob)
	if err != nil {
		return err
	}
	var faults []error
	for name := range readSeries(t, shown) {
		if _, found := pushed[emptyLabel.ReplaceAllString(name, "")]; !found {
			faults = append(faults, fmt.Errorf("%s was not pushed", name))
		}
	}
	stored, err := s.metricNames(pushedJob)
	if err != nil {
		return err
	}
	want := append(namesOn(shown.body), egvs, event, rates, "target_info")
	slices.Sort(want)
	if !slices.Equal(stored, want) {
		faults = append(faults, fmt.Errorf("the names of /metrics and of the readings are\n%v\nand pushed were\n%v", want, stored))
	}
	return errors.Join(faults...)
}

// metricNames are the names of all series that match, in order.
func (p prometheus) metricNames(match string) ([]string, error) {
	got, err := p.ask(http.MethodGet, "/api/v1/label/__name__/values?match[]="+url.QueryEscape(match))
	if err != nil {
		return nil, err
	}
	var result struct{ Data []string }
	err = json.Unmarshal([]byte(got.body), &result)
	return result.Data, err
}

// namesOn are the names of the samples on a page of metrics.
func namesOn(page string) []string {
	names := map[string]bool{}
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			names[line[:strings.IndexAny(line, "{ ")]] = true
		}
	}
	return slices.Collect(maps.Keys(names))
}

// expectBook waits until the program has counted what a relay has booked.
func (c *clinic) expectBook(t *testing.T, r *relay) (counted book) {
	t.Helper()
	eventually(t, func() error {
		before := r.read()
		told := readSeries(t, c.run.visitor().get(t, "/metrics", http.StatusOK))
		if counted = r.read(); counted != before {
			return errors.New("a push came in between")
		}
		for name, want := range map[string]int{
			`dexcom_exporter_otlp_samples_total{result="accepted"}`: counted.live + counted.late,
			`dexcom_exporter_otlp_samples_total{result="refused"}`:  0,
			`dexcom_exporter_otlp_samples_total{result="expired"}`:  0,
			`dexcom_exporter_otlp_failures_total`:                   counted.failures,
		} {
			if told[name] != float64(want) {
				return fmt.Errorf("%s is %v, want %d: %+v", name, told[name], want, counted)
			}
		}
		return nil
	})
	return counted
}
