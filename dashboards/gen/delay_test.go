package main

import (
	"fmt"
	"testing"
)

// Every second minute ten readings arrive within 60 s, and ten within 120 s.
func TestDelayIsThatOfThePersonsExporter(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for _, job := range []string{"a", "b"} {
		series[fmt.Sprintf(`dexcom_exporter_account_info{account="gina",api="true",share="false",instance="one",job=%q}`, job)] = held(1)
		for le, values := range map[string]string{"60": "0+10x60", "120": "0+20x60", "+Inf": "0+20x60"} {
			series[fmt.Sprintf(`dexcom_exporter_reading_delay_seconds_bucket{source="api",instance="one",job=%q,le=%q}`, job, le)] = values
			series[fmt.Sprintf(`dexcom_exporter_reading_delay_seconds_bucket{source="share",instance="two",job=%q,le=%q}`, job, le)] = "0+1000x60"
		}
	}
	half, most := map[string]float64{`{account="gina", source="api"}`: 60}, map[string]float64{`{account="gina", source="api"}`: 114}
	quiet := map[string]string{}
	for name := range series {
		quiet[name] = held(1)
	}
	check(t, []moment{
		{series, asks(latePanel(), units()[0], half, most)},
		{quiet, asks(latePanel(), units()[0], nil, nil)},
		{nil, asks(latePanel(), units()[0], nil, nil)},
	})
}

func TestLateReadingsAreCountedOnce(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for _, job := range []string{"a", "b"} {
		series[fmt.Sprintf(`dexcom_exporter_replay_lag_seconds{account="gina",job=%q}`, job)] = held(900)
		series[fmt.Sprintf(`dexcom_exporter_replay_missed_total{account="gina",job=%q}`, job)] = "0+0.1x60"
		series[fmt.Sprintf(`dexcom_egv_mg_dl{account="gina",job=%q}`, job)] = "_x10 120 _x4 125 _x4 130"
	}
	is := func(value float64) map[string]float64 { return map[string]float64{`{account="gina"}`: value} }
	check(t, []moment{
		{series, asks(lagPanel(), units()[0], is(900))},
		{series, asks(unreplayedPanel(), units()[0], is(6))},
		{series, asks(ownTimesPanel(), units()[0], is(3))},
		{nil, asks(ownTimesPanel(), units()[0], nil)},
	})
}
