package main

import (
	"testing"
)

func TestTraceLeavesGapsAndTellsLateFromLive(t *testing.T) {
	t.Parallel()
	const timestamp = `dexcom_glucose_timestamp_seconds{account="gina"}`
	late := with(reading(119, 0, false), map[string]string{timestamp: "-3000x55 -1200x4"})
	held10 := with(reading(119, 0, false), map[string]string{timestamp: "-3000x45 -1200x14"})
	var moments []moment
	for _, u := range units() {
		lines := traceQueries()
		ask := func(series map[string]string, live, late bool) {
			m := moment{series: series}
			for i, drawn := range []bool{live, late} {
				q := question{expr: u.in(lines[i].expr)}
				if drawn {
					q.want = map[string]float64{`{account="gina"}`: 119 / u.mgdl}
				}
				m.questions = append(m.questions, q)
			}
			moments = append(moments, m)
		}
		ask(reading(119, 185, true), true, false)
		ask(reading(119, 660, true), true, false)
		ask(reading(119, 661, true), false, false) // a gap, although the exporter shows the value for 15 minutes
		ask(late, false, true)
		ask(held10, false, false) // nothing arrived for 11 minutes
	}
	check(t, moments)
}

func TestOwnAlertsAreDrawnWhileTheyAreOn(t *testing.T) {
	t.Parallel()
	series := with(reading(119, 185, true), map[string]string{
		`dexcom_alert_setting_mg_dl{account="gina",alert="low"}`:    held(80),
		`dexcom_alert_setting_enabled{account="gina",alert="low"}`:  held(1),
		`dexcom_alert_setting_mg_dl{account="gina",alert="high"}`:   held(240),
		`dexcom_alert_setting_enabled{account="gina",alert="high"}`: held(0),
	})
	var moments []moment
	for _, u := range units() {
		lines := traceQueries()
		moments = append(moments, moment{series, []question{
			{u.in(lines[2].expr), map[string]float64{`{account="gina"}`: 80 / u.mgdl}},
			{u.in(lines[3].expr), nil},
		}})
	}
	check(t, moments)
}

// Each band must reach down to a line that is there: Grafana says nothing when it is
// not.
func TestBandsRestOnEachOther(t *testing.T) {
	t.Parallel()
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			legends := map[any]bool{}
			for _, q := range p.Targets {
				legends[q.LegendFormat] = true
			}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if property.ID == "custom.fillBelowTo" && !legends[property.Value] {
						t.Errorf("%s: %q fills %q down to %v", name, p.Title, o.Matcher.Options, property.Value)
					}
				}
			}
		}
	}
}

// An override that matches no series is a colour or a word that is never shown.
func TestNamedOverridesMatchASeries(t *testing.T) {
	t.Parallel()
	labels := map[string]bool{
		"api": true, "share": true, "Time": true, "Value": true, "source": true, "result": true,
		"generation": true, "display_device": true, "display_app": true,
	}
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			legends := map[string]bool{}
			for _, q := range p.Targets {
				legends[q.LegendFormat] = true
			}
			for _, o := range p.FieldConfig.Overrides {
				if o.Matcher.ID == "byName" && !legends[o.Matcher.Options] && !labels[o.Matcher.Options] {
					t.Errorf("%s: %q has no series %q", name, p.Title, o.Matcher.Options)
				}
			}
		}
	}
}
