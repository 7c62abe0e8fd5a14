package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// storedReadings are all samples with a time of their own that a server has.
func (p prometheus) storedReadings() (samples, error) {
	expression := fmt.Sprintf("{__name__=~%q}[30h]", strings.Join([]string{egvs, rates, event}, "|"))
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil {
		return nil, err
	}
	var result struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any // seconds, and the value as text
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &result); err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("query %s: %d %s %w", expression, got.status, got.body, err)
	}
	stored := samples{}
	for _, found := range result.Data.Result {
		m := found.Metric
		name := seriesName(m["__name__"], m["account"])
		if m["__name__"] == event {
			name = seriesName(event, m["account"], m["type"], m["subtype"], m["unit"])
		}
		for _, pair := range found.Values {
			seconds, _ := pair[0].(float64)
			value, err := strconv.ParseFloat(fmt.Sprint(pair[1]), 64)
			if err != nil {
				return nil, fmt.Errorf("query %s: %w", expression, err)
			}
			at := time.UnixMilli(int64(seconds*1000 + 0.5))
			if _, doubled := stored[name][at.UnixMilli()]; doubled {
				return nil, fmt.Errorf("%s has two samples at %v", name, at)
			}
			stored.put(name, at, value)
		}
	}
	return stored, nil
}

// tally is how a storage compares with the truth.
type tally struct {
	simulated, stored    int
	lost, wrong, doubled int // wrong: another value; doubled: a sample at a time that is nobody's
	faults               []string
}

// audit compares what is stored with the truth, sample by sample.
func audit(stored, truth samples) tally {
	var found tally
	for name, values := range truth {
		found.simulated += len(values)
		for at, want := range values {
			got, there := stored[name][at]
			switch {
			case !there:
				found.lost++
				found.fault("lost: %s at %v, %v", name, at, want)
			case got != want:
				found.wrong++
				found.fault("wrong: %s at %v is %v, not %v", name, at, got, want)
			}
		}
	}
	for name, values := range stored {
		found.stored += len(values)
		for at, got := range values {
			if _, measured := truth[name][at]; !measured {
				found.doubled++
				found.fault("nobody's: %s at %v, %v", name, at, got)
			}
		}
	}
	return found
}

func (c *tally) fault(format, name string, unixMilli int64, more ...any) {
	at := time.UnixMilli(unixMilli).UTC().Format("15:04:05.000")
	c.faults = append(c.faults, fmt.Sprintf(format, append([]any{name, at}, more...)...))
}

// err is nil when every sample of the truth is stored once, at its time and with its
// value, and none besides.
func (c tally) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	slices.Sort(c.faults)
	return fmt.Errorf("of %d samples %d are lost, %d have another value, %d are nobody's:\n  %s",
		c.simulated, c.lost, c.wrong, c.doubled, strings.Join(c.faults[:min(len(c.faults), 30)], "\n  "))
}

// of leaves the series of one metric.
func (s samples) of(metric string) samples {
	part := maps.Clone(s)
	maps.DeleteFunc(part, func(name string, _ map[int64]float64) bool { return !strings.HasPrefix(name, metric+" ") })
	return part
}

// expectTruth waits until a server has the truth and nothing else.
func (s *lateServer) expectTruth(t *testing.T, truth samples) {
	t.Helper()
	eventually(t, func() error {
		stored, err := s.storedReadings()
		if err != nil {
			return err
		}
		if err := audit(stored, truth).err(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		return nil
	})
}

// report logs how a server compares with the truth, metric by metric.
func (s *lateServer) report(t *testing.T, truth samples) {
	t.Helper()
	stored, err := s.storedReadings()
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{egvs, rates, event} {
		found := audit(stored.of(metric), truth.of(metric))
		t.Logf("%-18s %-34s simulated %4d  stored %4d  lost %4d  wrong %d  doubled %d",
			s.name, metric, found.simulated, found.stored, found.lost, found.wrong, found.doubled)
	}
}
