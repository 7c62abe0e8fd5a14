package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// bounded has the bounds that the exporter names, once for each of two jobs.
func bounded(series map[string]string, veryLow, low, high, veryHigh float64) map[string]string {
	bounds := map[string]string{}
	for name, mgdl := range map[string]float64{"very_low": veryLow, "low": low, "high": high, "very_high": veryHigh} {
		for _, job := range []string{"a", "b"} {
			bounds[fmt.Sprintf("dexcom_exporter_target_range_mg_dl{account=%q,bound=%q,job=%q}", person, name, job)] = held(mgdl)
		}
	}
	return with(series, bounds)
}

func TestRangesAreThoseOfTheAccount(t *testing.T) {
	t.Parallel()
	words := map[float64]string{53: "very low", 54: "low", 62: "low", 63: "in range", 140: "in range", 141: "high", 250: "high", 251: "very high"}
	var moments []moment
	for _, u := range units() {
		for mgdl, band := range words {
			sample := map[string]float64{fmt.Sprintf(`{account="gina", band=%q, minutes="3"}`, band): mgdl / u.mgdl}
			moments = append(moments, moment{bounded(reading(mgdl, 185, true), 54, 63, 140, 250), asks(valuePanel(), u, sample, nil, nil)})
		}
		m := moment{series: bounded(reading(119, 185, true), 54, 63, 140, 250)}
		for i, edge := range []float64{54, 63, 140, 250, 401} {
			m.questions = append(m.questions, question{u.in(bandQueries()[i].expr), map[string]float64{`{account="gina"}`: edge / u.mgdl}})
		}
		moments = append(moments, m)
	}
	check(t, moments)
}

// The bands must not jump to the usual ones where the exporter was away.
func TestRangesStayWhereTheExporterWasAway(t *testing.T) {
	t.Parallel()
	series := map[string]string{`dexcom_egv_mg_dl{account="gina"}`: held(119)}
	for name := range bounded(map[string]string{}, 54, 63, 140, 250) {
		series[name] = "140x20 stale"
	}
	check(t, []moment{{series, []question{{units()[0].in(bandQueries()[2].expr), map[string]float64{`{account="gina"}`: 140}}}}})
}

func TestBoundsAreThoseOfTheExporter(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, band := range bands() {
		if band.top != (bound{}) && !strings.Contains(string(documents), "`"+band.top.name+"`") {
			t.Errorf("docs/metrics.md has no bound %s", band.top.name)
		}
	}
}
