package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// vector gives the values of all series that an expression yields now, as they are
// called on the program's page of metrics.
func (p prometheus) vector(expression string) (series, error) {
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil {
		return nil, err
	}
	var result struct {
		Data struct {
			Result []struct {
				Metric model.Metric
				Value  [2]any // seconds, and the value as text
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &result); err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("query %s: %d %s %w", expression, got.status, got.body, err)
	}
	found := series{}
	for _, r := range result.Data.Result {
		name := r.Metric.Clone()
		delete(name, "job")
		delete(name, "instance")
		value, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", expression, err)
		}
		found[withoutSpaces(name)] = value
	}
	return found, nil
}

// withoutSpaces is a metric as the text format writes it.
func withoutSpaces(m model.Metric) string { return strings.ReplaceAll(m.String(), `", `, `",`) }
