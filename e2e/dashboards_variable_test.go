package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// dashboardVariable is one that the reader chooses, or that a query fills.
type dashboardVariable struct {
	Name, Type, Regex, AllValue string
	IncludeAll                  bool
	Query                       json.RawMessage // text, or text under query
	Options                     []struct{ Value string }
	Current                     struct{ Value any } // text where there is one
}

// scenes are the values of all variables with which the dashboard is looked at: for
// each person, and for each option that is no unit or default, in this unit.
func (d dashboard) scenes(p prometheus, unit string) (found []values, err error) {
	found = []values{{"__range": fmt.Sprintf("%.0fs", span.Seconds()), "__interval": fmt.Sprintf("%.0fs", step.Seconds())}}
	for _, variable := range d.Templating.List {
		var next []values
		for i, before := range found {
			choices, err := variable.choices(p, before)
			if err != nil {
				return nil, err
			}
			if variable.Name == "unit" {
				if !slices.Contains(choices, unit) {
					return nil, fmt.Errorf("no unit %s among %v", unit, choices)
				}
				choices = []string{unit}
			}
			for j, choice := range choices {
				if j > 0 && i > 0 && variable.Type == "custom" {
					break // the others are tried with the first
				}
				after := maps.Clone(before)
				after[variable.Name] = choice
				next = append(next, after)
			}
		}
		found = next
	}
	return found, nil
}

// choices are the values that a variable can have, the usual one first.
func (v dashboardVariable) choices(p prometheus, before values) ([]string, error) {
	switch v.Type {
	case "datasource", "textbox":
		return []string{""}, nil
	case "custom":
		choices := []string{fmt.Sprint(v.Current.Value)}
		for _, option := range v.Options {
			if option.Value != choices[0] {
				choices = append(choices, option.Value)
			}
		}
		return choices, nil
	case "query":
		if v.IncludeAll {
			return []string{v.AllValue}, nil
		}
		choices, err := v.found(p, before)
		if err == nil && len(choices) == 0 {
			err = fmt.Errorf("the variable %s finds nothing", v.Name)
		}
		return choices, err
	}
	return nil, fmt.Errorf("the variable %s is a %s", v.Name, v.Type)
}

// found asks Prometheus as Grafana's data source does.
func (v dashboardVariable) found(p prometheus, before values) ([]string, error) {
	var query struct{ Query string }
	if err := json.Unmarshal(v.Query, &query); err != nil {
		return nil, fmt.Errorf("read variable %s: %w", v.Name, err)
	}
	if parts := regexp.MustCompile(`^label_values\((.+), *(\w+)\)$`).FindStringSubmatch(query.Query); parts != nil {
		var labels []string
		err := p.list("/api/v1/label/"+parts[2]+"/values?"+url.Values{"match[]": {parts[1]}}.Encode(), &labels)
		return labels, err
	}
	parts := regexp.MustCompile(`^query_result\((.+)\)$`).FindStringSubmatch(query.Query)
	if parts == nil {
		return nil, fmt.Errorf("the variable %s asks %s", v.Name, query.Query)
	}
	expr, err := before.in(parts[1])
	if err != nil {
		return nil, err
	}
	lines, err := p.lines(expr)
	if err != nil || v.Regex == "" {
		return lines, err
	}
	wanted, err := regexp.Compile(strings.Trim(v.Regex, "/"))
	if err != nil {
		return nil, fmt.Errorf("read variable %s: %w", v.Name, err)
	}
	var values []string
	for _, line := range lines {
		if match := wanted.FindStringSubmatch(line); match != nil {
			values = append(values, match[len(match)-1])
		}
	}
	return values, nil
}

// lines are the samples of an expression as query_result writes them: series, value
// and milliseconds.
func (p prometheus) lines(expr string) (found []string, err error) {
	got, err := p.ask(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expr))
	if err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("query %s: %d %s %w", expr, got.status, got.body, err)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	for _, series := range answer.Data.Result {
		name := series.Metric["__name__"]
		delete(series.Metric, "__name__")
		var labels []string
		for _, label := range slices.Sorted(maps.Keys(series.Metric)) {
			labels = append(labels, fmt.Sprintf("%s=%q", label, series.Metric[label]))
		}
		found = append(found, fmt.Sprintf("%s{%s} %v %d", name, strings.Join(labels, ","), series.Value[1], time.Now().UnixMilli()))
	}
	return found, nil
}
