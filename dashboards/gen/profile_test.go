package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestProfileIsOverTheHoursOfTheDay(t *testing.T) {
	t.Parallel()
	series := map[string]string{`dexcom_exporter_account_info{account="gina",api="true",share="false"}`: held(1)}
	for i, p := range percentiles() {
		for at, mgdl := range map[string]int{"00:00": 100, "13:30": 150, "23:30": 120} {
			for _, job := range []string{"a", "b"} {
				series[fmt.Sprintf("dexcom_agp_mg_dl{account=%q,job=%q,percentile=%q,time_of_day=%q}", person, job, p.name, at)] = held(float64(mgdl + i))
			}
		}
	}
	var moments []moment
	for _, u := range units() {
		at := func(midnight, noon, late float64) map[string]float64 {
			return map[string]float64{
				`{account="gina", hour="00.0"}`: midnight / u.mgdl, `{account="gina", hour="13.5"}`: noon / u.mgdl, `{account="gina", hour="23.5"}`: late / u.mgdl,
			}
		}
		wanted := []map[string]float64{at(100, 150, 120), at(101, 151, 121), at(102, 152, 122), at(103, 153, 123), at(104, 154, 124)}
		none := map[string]float64{`{account="gina", hour="0"}`: 0, `{account="gina", hour="23.5"}`: 0}
		usual := slices.Concat(wanted, []map[string]float64{at(70, 70, 70), at(180, 180, 180), nil})
		pregnant := slices.Concat(wanted, []map[string]float64{at(63, 63, 63), at(140, 140, 140), nil})
		moments = append(moments,
			moment{series, asks(profilePanel(), u, usual...)},
			moment{bounded(series, 54, 63, 140, 250), asks(profilePanel(), u, pregnant...)},
			moment{reading(119, 185, true), asks(profilePanel(), u, nil, nil, nil, nil, nil, nil, nil, none)},
			moment{nil, asks(profilePanel(), u, nil, nil, nil, nil, nil, nil, nil, none)},
		)
	}
	check(t, moments)
}

// Grafana names the columns of several tables by their query, and numbers them in the
// order of the overrides.
func TestLinesOfTheProfileHaveTheirNames(t *testing.T) {
	t.Parallel()
	for _, p := range draw(t)["glucose.json"].Panels {
		if p.Type != "trend" {
			continue
		}
		names := map[string]any{}
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				if property.ID == "displayName" {
					names[o.Matcher.Options] = property.Value
				}
			}
		}
		for _, q := range p.Targets {
			if names["Value #"+q.RefID] != q.LegendFormat {
				t.Errorf("%s is called %v, not %q", q.RefID, names["Value #"+q.RefID], q.LegendFormat)
			}
		}
		return
	}
	t.Error("no profile")
}

func TestPercentilesAreDocumented(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range percentiles() {
		if !strings.Contains(string(documents), "`"+p.name+"`") {
			t.Errorf("docs/metrics.md has no percentile %s", p.name)
		}
	}
}
