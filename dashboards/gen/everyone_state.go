package main

import (
	"fmt"
	"strings"
)

// state is how a person is.
type state struct {
	words  string
	colour string
	when   string // an expression that has the accounts of those who are so
}

// states are in the order of the alerts, worst first: each is asked of those who are
// in none before it, and the last of the rest.
func states() []state {
	all := append(lowStates(), state{"urgent high", "dark-orange", fresh() + " >= 300"})
	all = append(all, silentStates()...)
	all = append(all,
		state{"must be linked", "purple", unlinkedPeople()},
		state{"a source fails", "purple", failingPeople()},
		state{"two people in one account", "purple", latest("dexcom_exporter_source_mismatch") + " == 1"})
	return append(all, calmStates()...)
}

// lowStates end with a newer reading alone, as the alerts do: nobody knows how low it
// is since.
func lowStates() []state {
	return []state{
		{"urgent low", "dark-red", fresh() + " <= 55"},
		{"urgent low within 20 minutes", "dark-red", fresh() + " + on (account) 20 * (" + slope() + ") <= 55"},
		{"was low, nothing newer", "dark-red", lastShown() + " < on (account) " + lowLevel(withShare())},
		{"low", "red", fresh() + " < on (account) " + lowLevel(answered())},
		{"falling fast", "orange", both("-1 * ("+slope()+") >= on (account) "+rateLevel("fall"), age()+live)},
	}
}

// silentStates say why there is no data.
func silentStates() []state {
	leading := first(latest("dexcom_up", `source="share"`), latest("dexcom_up", `source="api"`))
	return []state{
		{"no data: exporter silent", "blue", unanswered()},
		{"no data: must be linked", "blue", both(noData(), without(unlinkedPeople(), answered(`share="true"`)))},
		{"no data: polls fail", "blue", both(noData(), "("+leading+") == 0")},
		{"no data: nothing new", "blue", both(noData(), latest("dexcom_glucose_timestamp_seconds"))},
		{"no data: no reading yet", "blue", noData()},
		{"no value", "blue", without(answered(), newest("dexcom_glucose_mg_dl"))},
	}
}

// calmStates are those of people who have a value that somebody may look at.
func calmStates() []state {
	lateValue := "(" + both(newest("dexcom_glucose_mg_dl"), age()+notNow) + ")"
	return []state{
		{"was low, known late", "yellow", lateValue + " < on (account) " + lowLevel(answered())},
		{"high", "yellow", fresh() + " > on (account) " + highLevel()},
		{"rising fast", "yellow", both("("+slope()+") >= on (account) "+rateLevel("rise"), age()+live)},
		{"sensor ends within a day", "light-blue", latest("dexcom_sensor_expiry_timestamp_seconds") + " - time() < 24 * 3600"},
		{"late on purpose", muted, lateValue},
		{"no alert", "green", answered()},
	}
}

// slope is that of any job: a minute old, at most, where two jobs scrape one exporter.
func slope() string { return latest("dexcom_glucose_slope_mg_dl_per_minute") }

// urgency is a number for each person, the higher the worse, with its words in the
// label state.
func urgency() string {
	all := states()
	cases := make([]string, len(all))
	for i, s := range all {
		cases[i] = labelled(fmt.Sprintf("%d * group by (account) (%s)", len(all)-i, s.when), "state", s.words)
	}
	return first(cases...)
}

// stateWords gives the states their colours.
func stateWords() []shown {
	var words []shown
	for _, s := range states() {
		words = append(words, shown{value: s.words, text: s.words, colour: s.colour})
	}
	return words
}

// toldOrder tells the order of the states in words.
func toldOrder() string {
	var told strings.Builder
	for i, s := range states() {
		fmt.Fprintf(&told, "%d. %s\n", i+1, s.words)
	}
	return told.String()
}
