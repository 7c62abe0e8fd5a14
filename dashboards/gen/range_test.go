package main

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
)

func TestTimeInRangeCountsEveryReadingThatArrived(t *testing.T) {
	t.Parallel()
	counters := map[string]string{}
	grown := map[string]string{"very_low": "0x60", "low": "0+1x60", "target": "100+7x60", "high": "0+2x60", "very_high": "5x60"}
	for band, values := range grown {
		for _, labels := range []string{`job="a",account="gina"`, `job="b",account="gina"`} { // one exporter, twice
			counters[fmt.Sprintf("dexcom_egvs_total{%s,range=%q}", labels, band)] = values
		}
	}
	quiet := map[string]string{}
	for name := range maps.Keys(counters) {
		quiet[name] = held(12)
	}
	in := units()[0].in
	is := func(share float64) map[string]float64 { return map[string]float64{`{account="gina"}`: share} }
	info := map[string]string{`dexcom_exporter_account_info{account="gina",api="true",share="false"}`: held(1)}
	arrived := moment{series: with(info, counters)}
	nothing := moment{series: with(info, quiet)}
	silent := moment{}
	diedLater := moment{series: counters}
	for i, share := range []float64{0, 10, 70, 20, 0} {
		query := in(rangePanel().queries[i].expr)
		arrived.questions = append(arrived.questions, question{"round(" + query + ", 0.001)", is(share)})
		nothing.questions = append(nothing.questions, question{query, nil})
		silent.questions = append(silent.questions, question{query, nil})
	}
	why, count := in(rangePanel().queries[5].expr), in(arrivedPanel().queries[0].expr)
	arrived.questions = append(arrived.questions, question{why, nil}, question{count, is(600)})
	diedLater.questions = append(diedLater.questions, question{why, nil})
	nothing.questions = append(nothing.questions, question{count, is(0)},
		question{why, map[string]float64{`{account="gina", why="no reading arrived in this time"}`: 100}})
	silent.questions = append(silent.questions, question{count, nil},
		question{why, map[string]float64{`{account="gina", why="the exporter does not answer Prometheus"}`: 100}})
	check(t, []moment{arrived, nothing, silent, diedLater})
}

// The bar must add up: each value of the counter's label is in one band.
func TestEveryRangeOfTheCounterHasABand(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, band := range bands() {
		if !strings.Contains(string(documents), "`"+band.counter+"`") {
			t.Errorf("docs/metrics.md has no range %s", band.counter)
		}
	}
}
