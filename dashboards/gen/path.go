package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The values of the variable trace: which way readings come to it.
const (
	pathAuto   = "0" // each piece from the best there is
	pathOwn    = "1"
	pathReplay = "2"
)

func traceVariable() cog.Builder[dashboard.VariableModel] {
	return choose("trace", "Trace from",
		"auto takes each reading at its own time where Prometheus has it, by /readings or OTLP, and the replay gauge elsewhere", 0,
		choice{"auto", pathAuto}, choice{"own times", pathOwn}, choice{"replay", pathReplay})
}

// unlessChosen drops an expression while the reader chose a path.
func unlessChosen(path, expr string) string {
	return "(" + expr + ")\nand on () (vector($trace) != " + path + ")"
}

// ownTimes is each reading from its own time on, as long as Prometheus looks back: five
// minutes. Of two jobs the one that has the newer reading counts.
func ownTimes() string {
	egv := of("dexcom_egv_mg_dl")
	return unlessChosen(pathReplay, by("account", fmt.Sprintf(
		"%s and (timestamp(%s) == on (account) group_left () %s)", egv, egv, by("account", "timestamp("+egv+")"))))
}

// lastOwnTime is there while ownTimes is, and until a longer gap is one.
func lastOwnTime() string {
	return unlessChosen(pathReplay, by("account", "present_over_time("+of("dexcom_egv_mg_dl")+"[8m])"))
}

// replayed is each reading for six minutes from its own time on, to a scrape.
func replayed() string {
	return unlessChosen(pathOwn, by("account", of("dexcom_glucose_replay_mg_dl")+" offset -${lag}s"))
}

// liveTrace is the newest reading from its arrival on, until it is six minutes old.
func liveTrace() string {
	return both(newest("dexcom_glucose_mg_dl"), age()+" <= 6 * 60")
}
