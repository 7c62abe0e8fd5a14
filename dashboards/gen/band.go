package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// band is one of the five ranges of glucose that clinicians agreed on, with its
// usual colour.
type band struct {
	name    string
	counter string // the value of dexcom_egvs_total's label range
	top     string // where it ends, in mg/dL
	holds   string // what a value in mg/dL is compared with, when no band before it held
	colour  string
}

// bands are in ascending order.
// (Battelino 2019, Diabetes Care 42:1593)
func bands() []band {
	return []band{
		{name: "very low", counter: "very_low", top: "54", holds: "< 54", colour: "dark-red"},
		{name: "low", counter: "low", top: "70", holds: "< 70", colour: "red"},
		{name: "in range", counter: "target", top: "180", holds: "<= 180", colour: "green"},
		{name: "high", counter: "high", top: "250", holds: "<= 250", colour: "yellow"},
		{name: "very high", counter: "very_high", top: highest, holds: "<= 400", colour: "orange"},
	}
}

// Dexcom's values for what a sensor cannot measure, in mg/dL.
const (
	lowest  = "39"  // LOW
	highest = "401" // HIGH
)

// bandWords tell in words where a value in mg/dL is, LOW and HIGH too.
func bandWords() []word {
	words := []word{{"<= " + lowest, "very low, LOW on the display"}}
	for _, b := range bands() {
		words = append(words, word{b.holds, b.name})
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
