package main

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A literal 70 or 180 in what Grafana compares values with would stay when the unit
// changes: every bound must come from a query.
func TestNoThresholdStaysWhenTheUnitChanges(t *testing.T) {
	t.Parallel()
	for name, page := range pages() {
		text, err := page.json()
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range units() {
			rendered := strings.NewReplacer("$unit", u.value(), unitName, u.name).Replace(string(text))
			var dashboard any
			if err := json.Unmarshal([]byte(rendered), &dashboard); err != nil {
				t.Fatal(err)
			}
			for _, bound := range bounds(dashboard, false) {
				for _, u := range units() {
					for _, mgdl := range []float64{39, 54, 55, 63, 70, 140, 180, 250, 400, 401} {
						if math.Abs(bound-mgdl/u.mgdl) < 0.05 {
							t.Errorf("%s in %s has the bound %v", name, u.name, bound)
						}
					}
				}
			}
		}
	}
}

// bounds are the numbers with which Grafana itself compares values.
func bounds(node any, within bool) []float64 {
	var found []float64
	switch node := node.(type) {
	case map[string]any:
		if id, _ := node["id"].(string); id == "thresholds" || id == "mappings" || id == "min" || id == "max" || strings.HasPrefix(id, "custom.axisSoft") {
			return bounds(node["value"], true)
		}
		for key, value := range node {
			bound := key == "thresholds" || key == "mappings" || key == "min" || key == "max" || strings.HasPrefix(key, "axisSoft")
			found = append(found, bounds(value, (within || bound) && key != "index" && key != "color")...)
		}
	case []any:
		for _, value := range node {
			found = append(found, bounds(value, within)...)
		}
	case float64:
		if within {
			return []float64{node}
		}
	}
	return found
}

func TestUnitsRoundAsPeopleKnowThem(t *testing.T) {
	t.Parallel()
	for mgdl, want := range map[float64][]string{54: {"54", "3.0"}, 70: {"70", "3.9"}, 180: {"180", "10.0"}, 250: {"250", "13.9"}, 399: {"399", "22.1"}} {
		for i, u := range units() {
			if got := strconv.FormatFloat(mgdl/u.mgdl, 'f', u.decimals, 64); got != want[i] {
				t.Errorf("%v mg/dL is %s %s, want %s", mgdl, got, u.name, want[i])
			}
		}
	}
}

// Whatever shows a glucose value converts it, and says in which unit it is.
func TestEveryShownGlucoseConverts(t *testing.T) {
	t.Parallel()
	edges := map[string]bool{} // their lines tell the colours, not values
	for _, band := range bands() {
		edges[band.name] = true
	}
	// These only ask whether there is a value, or for how many.
	decides := regexp.MustCompile(`unless on \(account\) \(\(?max by \(account\) \(dexcom_(glucose|agp)_mg_dl|^max by \(account\) \(count_over_time|dexcom_time_in_range_ratio|^count\(|^topk\(`)
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if !strings.Contains(q.Expr, "_mg_dl") || decides.MatchString(q.Expr) {
					continue
				}
				if !strings.Contains(q.Expr, "$unit") || !strings.Contains(p.Title, unitName) {
					t.Errorf("%s: %q %s shows mg/dL in every unit: %s", name, p.Title, q.RefID, q.Expr)
				}
				if q.Format == "table" { // the names of its columns have the unit
					continue
				}
				if !edges[q.LegendFormat] && !strings.HasSuffix(strings.TrimSuffix(q.LegendFormat, " a minute"), unitName) {
					t.Errorf("%s: the series %q of %q does not end in its unit", name, q.LegendFormat, p.Title)
				}
			}
		}
	}
}

func TestSeriesAreShownWithTheDecimalsOfTheirUnit(t *testing.T) {
	t.Parallel()
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if !strings.HasSuffix(q.LegendFormat, unitName) {
					continue
				}
				for _, u := range units() {
					if got := decimals(p, strings.ReplaceAll(q.LegendFormat, unitName, u.name)); got != float64(u.decimals) {
						t.Errorf("%s: %q %s has %v decimals in %s", name, p.Title, q.RefID, got, u.name)
					}
				}
			}
		}
	}
}

// decimals are those that the overrides of a panel give a series, as Grafana matches
// them: the last one wins.
func decimals(p drawnPanel, series string) any {
	var found any
	for _, o := range p.FieldConfig.Overrides {
		pattern := strings.TrimSuffix(strings.TrimPrefix(o.Matcher.Options, "/"), "/")
		matches := o.Matcher.ID == "byName" && o.Matcher.Options == series ||
			o.Matcher.ID == "byRegexp" && regexp.MustCompile(pattern).MatchString(series)
		for _, property := range o.Properties {
			if matches && property.ID == "decimals" {
				found = property.Value
			}
		}
	}
	return found
}

func TestBandsAreDrawnInTheChosenUnit(t *testing.T) {
	t.Parallel()
	edges := map[string][]float64{"mg/dL": {54, 70, 180, 250, 401}, "mmol/L": {3.0, 3.9, 10.0, 13.9, 22.3}}
	for _, u := range units() {
		m := moment{series: map[string]string{`dexcom_glucose_mg_dl{account="gina"}`: held(120)}}
		for i, q := range bandQueries() {
			m.questions = append(m.questions, question{"round((" + u.in(q.expr) + ") * 10) / 10", map[string]float64{`{account="gina"}`: edges[u.name][i]}})
		}
		nobody := moment{}
		for _, q := range bandQueries() {
			nobody.questions = append(nobody.questions, question{u.in(q.expr), nil})
		}
		check(t, []moment{m, nobody})
	}
}
