package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// matrix gives all samples of all series that a range expression yields.
func (p prometheus) matrix(expression string) (model.Matrix, error) {
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil {
		return nil, err
	}
	var result struct {
		Data struct{ Result model.Matrix }
	}
	if err := json.Unmarshal([]byte(got.body), &result); err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("query %s: %d %.300s %w", expression, got.status, got.body, err)
	}
	return result.Data.Result, nil
}

// storedPast are all samples with a time of their own that a server has of the past.
func (p prometheus) storedPast() (samples, error) {
	found, err := p.matrix(fmt.Sprintf("{__name__=~%q}[110d]", strings.Join([]string{egvs, rates, event}, "|")))
	if err != nil {
		return nil, err
	}
	stored := samples{}
	for _, series := range found {
		m := series.Metric
		name := seriesName(string(m[model.MetricNameLabel]), string(m["account"]))
		if m[model.MetricNameLabel] == event {
			name = seriesName(event, string(m["account"]), string(m["type"]), string(m["subtype"]), string(m["unit"]))
		}
		for _, s := range series.Values {
			at := s.Timestamp.Time()
			if _, doubled := stored[name][at.UnixMilli()]; doubled {
				return nil, fmt.Errorf("%s has two samples at %v", name, at)
			}
			stored.put(name, at, float64(s.Value))
		}
	}
	return stored, nil
}

// expectPast waits until a server that looks for blocks once a minute has the past,
// and expects that the audit of it finds so much and nothing else.
func (s *lateServer) expectPast(t *testing.T, truth samples, want tally) {
	t.Helper()
	var stored samples
	eventuallyWithin(t, 90*time.Second, func() (err error) {
		if stored, err = s.storedPast(); err == nil && stored.of(egvs).count() < truth.of(egvs).count()/2 {
			err = fmt.Errorf("%s has %d samples", s.name, stored.count())
		}
		return err
	})
	for _, metric := range []string{egvs, rates, event} {
		found := audit(stored.of(metric), truth.of(metric))
		t.Logf("%-12s %-34s simulated %6d  stored %6d  lost %d  wrong %d  doubled %d",
			s.name, metric, found.simulated, found.stored, found.lost, found.wrong, found.doubled)
	}
	if found := audit(stored, truth); found.lost != want.lost || found.wrong != want.wrong || found.doubled != want.doubled {
		t.Errorf("%s: found %d lost, %d wrong, %d doubled, want %d, %d and %d: %v",
			s.name, found.lost, found.wrong, found.doubled, want.lost, want.wrong, want.doubled, found.err())
	}
}

// live are the samples of the program's own page that were scraped so far.
func (s *lateServer) live(t *testing.T) model.Matrix {
	t.Helper()
	found, err := s.matrix(`{job="dexcom"}[10m]`)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// missing counts what is there of one and not of the other.
func missing(want, got model.Matrix) (lost int) {
	there := map[model.Fingerprint]map[model.SamplePair]bool{}
	for _, series := range got {
		pairs := map[model.SamplePair]bool{}
		for _, s := range series.Values {
			pairs[s] = true
		}
		there[series.Metric.Fingerprint()] = pairs
	}
	for _, series := range want {
		for _, s := range series.Values {
			if !math.IsNaN(float64(s.Value)) && !there[series.Metric.Fingerprint()][s] { // NaN equals nothing
				lost++
			}
		}
	}
	return lost
}
