package main

import (
	"fmt"
	"strings"
	"testing"
)

// The replay gauge is asked at the minute 75, where it has what was measured an hour after the start.
func TestTraceTakesEachPieceFromTheBestThereIs(t *testing.T) {
	t.Parallel()
	const (
		own    = `dexcom_egv_mg_dl{account="gina",job="readings"}`
		replay = `dexcom_glucose_replay_mg_dl{account="gina",job="a"}`
	)
	replays := map[string]string{replay: "_x70 130x20"}
	sees := func(minute int, mgdl float64) map[string]string {
		return map[string]string{own: fmt.Sprintf("_x%d %v", minute, mgdl)}
	}
	live := reading(119, 185, true)
	cases := map[string]struct {
		series   map[string]string
		path     string
		own      float64
		replayed float64
		live     float64
	}{
		"own times":                           {with(with(live, replays), sees(58, 121)), pathAuto, 121, 0, 0},
		"own times, which ended":              {with(with(live, replays), sees(51, 121)), pathAuto, 0, 130, 0},
		"own times, with a gap":               {with(with(live, replays), sees(53, 121)), pathAuto, 0, 0, 0},
		"no window":                           {with(live, replays), pathAuto, 0, 130, 0},
		"newer than the lag":                  {live, pathAuto, 0, 0, 119},
		"live, to the end of six minutes":     {reading(119, 360, true), pathAuto, 0, 0, 119},
		"a gap, although the value is shown":  {reading(119, 361, true), pathAuto, 0, 0, 0},
		"live ends where own times came last": {with(reading(119, 360, true), sees(53, 119)), pathAuto, 0, 0, 0},
		"replay chosen":                       {with(with(live, replays), sees(58, 121)), pathReplay, 0, 130, 0},
		"replay chosen, newer than the lag":   {with(live, sees(58, 121)), pathReplay, 0, 0, 119},
		"own times chosen":                    {with(with(live, replays), sees(58, 121)), pathOwn, 121, 0, 0},
		"own times chosen, without any":       {with(live, replays), pathOwn, 0, 0, 119},
		"the official API alone":              {reading(119, 4000, false), pathAuto, 0, 0, 0},
		"a gap in the replay":                 {with(live, map[string]string{replay: "_x60 130x10 stale", own: ""}), pathAuto, 0, 0, 119},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var moments []moment
			for _, u := range units() {
				m := moment{series: c.series}
				for i, mgdl := range []float64{c.own, c.replayed, c.live} {
					q := question{expr: u.in(strings.ReplaceAll(traceQueries()[i].expr, "$trace", c.path))}
					if mgdl != 0 {
						q.want = map[string]float64{`{account="gina"}`: mgdl / u.mgdl}
					}
					m.questions = append(m.questions, q)
				}
				moments = append(moments, m)
			}
			check(t, moments)
		})
	}
}

// Two jobs scrape /readings at two times: the one that has the newer reading counts, be
// it the lower.
func TestTraceShowsTheNewerOfTwoJobs(t *testing.T) {
	t.Parallel()
	for newer := range map[float64]bool{90: true, 150: true} {
		check(t, []moment{{
			map[string]string{
				`dexcom_egv_mg_dl{account="gina",job="a"}`: "_x56 120",
				`dexcom_egv_mg_dl{account="gina",job="b"}`: fmt.Sprintf("_x56 120 _x2 %v", newer),
			},
			[]question{{units()[0].in(traceQueries()[0].expr), map[string]float64{`{account="gina"}`: newer}}},
		}})
	}
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
			{u.in(lines[3].expr), map[string]float64{`{account="gina"}`: 80 / u.mgdl}},
			{u.in(lines[4].expr), nil},
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
				legends["Value #"+q.RefID] = true
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
		"generation": true, "display_device": true, "display_app": true, "account": true, "state": true,
		"instance": true, "version": true, "goversion": true, "endpoint": true, "reason": true, hour: true,
	}
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			legends := map[string]bool{}
			for _, q := range p.Targets {
				legends[q.LegendFormat] = true
				legends["Value #"+q.RefID] = true
			}
			for _, o := range p.FieldConfig.Overrides {
				if o.Matcher.ID == "byName" && !legends[o.Matcher.Options] && !labels[o.Matcher.Options] {
					t.Errorf("%s: %q has no series %q", name, p.Title, o.Matcher.Options)
				}
			}
		}
	}
}
