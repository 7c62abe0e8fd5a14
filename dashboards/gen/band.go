package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// band is one of the five ranges of glucose that clinicians agreed on, with its
// usual colour.
type band struct {
	name    string
	counter string // the value of the label range, in counters and shares
	top     bound  // where it ends; the highest has none
	holds   string // how a value that no band before it held compares with its top
	colour  string
}

// bands are in ascending order.
func bands() []band {
	return []band{
		{name: "very low", counter: "very_low", top: veryLowBound(), holds: "<", colour: "dark-red"},
		{name: "low", counter: "low", top: lowBound(), holds: "<", colour: "red"},
		{name: "in range", counter: "target", top: highBound(), holds: "<=", colour: "green"},
		{name: "high", counter: "high", top: veryHighBound(), holds: "<=", colour: "yellow"},
		{name: "very high", counter: "very_high", holds: "< " + highest, colour: "orange"},
	}
}

// Dexcom's values for what a sensor cannot measure, in mg/dL.
const (
	lowest  = "39"  // LOW
	highest = "401" // HIGH
)

// edge is the upper edge of the band over the time that is shown, in mg/dL.
func (b band) edge() string {
	if b.top == (bound{}) {
		return "(" + known() + ") * 0 + " + highest
	}
	return b.top.shown(known())
}

// bandWords tell in words where a value in mg/dL is, LOW and HIGH too.
func bandWords() []word {
	value := latest("dexcom_glucose_mg_dl")
	words := []word{{"<= " + lowest, "very low, LOW on the display"}}
	for _, b := range bands() {
		condition := b.holds
		if b.top != (bound{}) {
			condition += " on (account) (" + b.top.now(value) + ")"
		}
		words = append(words, word{condition, b.name})
	}
	return append(words, word{">= " + highest, "very high, HIGH on the display"})
}

// inBandColours colours the series whose names start with a band.
func inBandColours[B panelBuilder[B]](b B) B {
	for _, band := range bands() {
		b = b.OverrideByRegexp("/^"+band.name+"/", []dashboard.DynamicConfigValue{fixedColour(band.colour)})
	}
	return b
}

// lowAndHighAsWords shows the words of the display instead of Dexcom's numbers for
// them.
func lowAndHighAsWords[B panelBuilder[B]](b B) B {
	for _, text := range []string{"LOW", "HIGH"} {
		b = b.OverrideByRegexp("/"+text+" on the display/", []dashboard.DynamicConfigValue{always(text)})
	}
	return b
}
