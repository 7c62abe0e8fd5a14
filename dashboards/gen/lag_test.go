package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestLagIsKnownOrUsual(t *testing.T) {
	t.Parallel()
	const lag = `dexcom_exporter_replay_lag_seconds{account="gina",job="a"}`
	ask := func(labels string, seconds float64) []question {
		return []question{{units()[0].in(lagQuery), map[string]float64{labels: seconds}}}
	}
	check(t, []moment{
		{map[string]string{lag: held(900), strings.Replace(lag, `"a"`, `"b"`, 1): held(900)}, ask(`{account="gina"}`, 900)},
		{map[string]string{lag: held(900.4)}, ask(`{account="gina"}`, 900)},
		{map[string]string{lag: "900x20 stale"}, ask(`{account="gina"}`, 900)},
		{map[string]string{strings.Replace(lag, "gina", "henry", 1): held(900)}, ask(`{}`, 9000)},
		{nil, ask(`{}`, 9000)},
	})
}

// Grafana makes one line of text of each sample, and takes what the expression finds.
func TestLagIsFoundInGrafanasText(t *testing.T) {
	t.Parallel()
	if strings.Contains(lagQuery, "\n") {
		t.Error("Grafana reads only the first line")
	}
	expression := regexp.MustCompile(strings.Trim(lagOfResult, "/"))
	for text, want := range map[string]string{
		`{account="gina"} 900 1795382340123`:           "900",
		`{} 9000 1795382340123.0002`:                   "9000",
		`{account="room 12} 7"} 16200 1795382340123.5`: "16200",
	} {
		if found := expression.FindStringSubmatch(text); len(found) != 2 || found[1] != want {
			t.Errorf("%q: found %q", text, found)
		}
	}
}

// In an address it would stay that of another person.
func TestLagIsNotInAddresses(t *testing.T) {
	t.Parallel()
	text, err := glucose().json()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Templating struct {
			List []struct {
				Name, Regex                   string
				Hide                          int
				SkipURLSync, AllowCustomValue bool
			}
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, v := range d.Templating.List {
		if lag := v.Name == "lag"; lag != v.SkipURLSync || lag != (v.Hide == 2) || lag != (v.Regex == lagOfResult) || lag && v.AllowCustomValue {
			t.Errorf("%+v", v)
		}
	}
}
