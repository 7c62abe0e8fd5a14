package main

import "fmt"

// bound is where two ranges of the account's target_range meet, in mg/dL: the exporter
// names it, and where it does not it is the usual one.
type bound struct {
	name  string // the value of the label of dexcom_exporter_target_range_mg_dl
	usual string
}

// These are the usual bounds.
// (Battelino 2019, Diabetes Care 42:1593)
func veryLowBound() bound  { return bound{"very_low", "54"} }
func lowBound() bound      { return bound{"low", "70"} }
func highBound() bound     { return bound{"high", "180"} }
func veryHighBound() bound { return bound{"very_high", "250"} }

// now is the bound where present has a value.
func (b bound) now(present string) string { return b.or(latest(boundMetric, b.matcher()), present) }

// shown is one bound for all of the time that is shown, where present has a value: the
// newest that was known in it.
func (b bound) shown(present string) string {
	remembered := by("account", "last_over_time("+of(boundMetric, b.matcher())+"[$__range] @ end())")
	return both("("+b.or(remembered, present)+")", present)
}

const boundMetric = "dexcom_exporter_target_range_mg_dl"

func (b bound) matcher() string { return fmt.Sprintf("bound=%q", b.name) }

func (b bound) or(known, present string) string {
	return first(known, "("+present+") * 0 + "+b.usual)
}
