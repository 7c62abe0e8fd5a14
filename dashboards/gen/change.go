package main

import "fmt"

// change is by how much the newest value differs from the reading before it.
//
// Prometheus has a reading as often as it scraped it: the one before is the last that
// had another time. Readings of one batch but the newest were never scraped, so the
// two must be at most 11 minutes apart; LOW and HIGH have no difference.
func change() string {
	const value, when = "dexcom_glucose_mg_dl", "dexcom_glucose_timestamp_seconds"
	older := latest(when) + " < " + by("account", of(when)+" @ end()")
	measured := " > " + lowest + " < " + highest
	difference := fmt.Sprintf("(%s%s) - (%s%s)", newest(value), measured, before(both(newest(value), older)), measured)
	gap := fmt.Sprintf("%s - %s <= 11 * 60", latest(when), before(older))
	return both(both(difference, gap), age()+shownUntil())
}

// before is the last value that an expression had within the hour.
func before(expr string) string { return "last_over_time((" + expr + ")[1h:1m])" }

func changePanel() about {
	asked := func(wanted, legend string) query {
		return query{expr: "((" + change() + ") " + wanted + ")" + inUnit, legend: legend + " · " + unitName}
	}
	return about{
		title: "Change, " + unitName, width: 5, height: 7,
		description: "From the reading before the newest to the newest: five minutes, as a rule, at most eleven.",
		empty:       "no change to show: no value, LOW or HIGH, a gap, or readings that came in one batch",
		queries: []query{
			asked("> 0", "up since the reading before"), asked("< 0", "down since the reading before"), asked("== 0", "as the reading before"),
		},
	}
}
