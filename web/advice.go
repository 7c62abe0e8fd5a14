package web

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// What the card says of a matter beside its label.

func moreUrgentLow(s collector.Standing, unit glucose.Unit) string {
	return "At or below " + quantity(unit, urgentLow) + "." + moreSince(s, unit)
}

func moreLow(s collector.Standing, unit glucose.Unit) string {
	return "Below " + quantity(unit, s.Bounds.Low) + "." + moreSince(s, unit)
}

// moreSince warns of a low after which nothing came, and says why where Dexcom
// answers; empty while the value is live.
func moreSince(s collector.Standing, unit glucose.Unit) string {
	switch {
	case s.Live():
		return ""
	case isOverdue(s):
		return " Nothing has come since: it may still be so. " + moreOverdue(s, unit)
	}
	return " Nothing has come since: it may still be so."
}

func moreVeryHigh(s collector.Standing, unit glucose.Unit) string {
	return "Above " + quantity(unit, s.Bounds.VeryHigh) + "."
}

func moreHigh(s collector.Standing, unit glucose.Unit) string {
	return "Above " + quantity(unit, s.Bounds.High) + "."
}

func moreFalling(s collector.Standing, unit glucose.Unit) string {
	wait, _ := untilLow(s)
	return "At this rate below " + quantity(unit, s.Bounds.Low) + " " + in(max(wait, time.Minute)) + "."
}

func moreTwoPeople(collector.Standing, glucose.Unit) string {
	return "The official API and Dexcom Share give the readings of two people, so they are not mixed and only those of Dexcom Share are shown. " +
		"Put the right login into the configuration, or link the right person."
}

func moreNoSource(collector.Standing, glucose.Unit) string {
	return "The configuration names neither api nor share for this account."
}

// moreOverdue says where to look when Dexcom answers and has nothing new.
func moreOverdue(s collector.Standing, _ glucose.Unit) string {
	if share, uses := s.Source("share"); uses && share.Up() && !isForgotten(share, s.Now) {
		return "Dexcom answers, but nothing new is published. Is the phone online and near the sensor? Does a new sensor warm up? " +
			"Is Share switched on in the app, with at least one follower?"
	}
	return "Dexcom answers, but nothing new was uploaded. Is the phone online? A receiver uploads when somebody plugs it in."
}

// quantity is a value in mg/dL with its unit.
func quantity(unit glucose.Unit, mgdl float64) string { return unit.Format(mgdl) + " " + unit.String() }
