package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pastTruth is what a backfill of a person has to hold, by the simulator's own functions.
type pastTruth struct {
	person  *simulator.Person
	version string // of the API
	kinds   []string
}

// stored is what of a stretch Dexcom gives at an instant.
func (tr pastTruth) stored(into stored, from, to, now time.Time) {
	if tr.version == "v2" {
		for _, r := range tr.person.V2Readings(from, to, now) {
			if r.HasSmoothed || now.Sub(r.SystemTime) >= 6*time.Hour {
				tr.reading(into, r.Reading)
			}
		}
	} else {
		for _, r := range tr.person.AvailableReadings(from, to, now) {
			tr.reading(into, r)
		}
	}
	events := tr.person.Events(from, to, now)
	slices.SortFunc(events, func(a, b simulator.Event) int {
		return cmp.Or(a.SystemTime.Compare(b.SystemTime), cmp.Compare(a.RecordID, b.RecordID))
	})
	for _, e := range events {
		tr.event(into, e)
	}
}

func (tr pastTruth) reading(into stored, r simulator.Reading) {
	series := fmt.Sprintf("{account=%q}", tr.person.Name)
	into.put("dexcom_egv_mg_dl"+series, r.SystemTime.UnixMilli(), float64(r.Value))
	if r.HasRate {
		into.put("dexcom_egv_rate_mg_dl_per_minute"+series, r.SystemTime.UnixMilli(), math.Round(r.TrendRate*1000)/1000)
	}
}

func (tr pastTruth) event(into stored, e simulator.Event) {
	kind, subtype, unit, value := e.Type, e.SubType, e.Unit, e.Value
	switch {
	case kind == "bloodGlucose":
		kind = "blood_glucose"
	case (kind == "insulin" || kind == "exercise" || kind == "health") && subtype == "":
		subtype = "unknown"
	}
	if kind == "health" {
		value = 1
	} else if !e.HasValue {
		return
	}
	if tr.version == "v2" && kind == "blood_glucose" { // which version 2 does not tell
		return
	}
	if e.Status == "deleted" || !slices.Contains(tr.kinds, kind) {
		return
	}
	series := fmt.Sprintf("dexcom_event_value{account=%q", tr.person.Name)
	if subtype != "" {
		series += fmt.Sprintf(",subtype=%q", subtype)
	}
	series += fmt.Sprintf(",type=%q", kind)
	if unit != "" {
		series += fmt.Sprintf(",unit=%q", unit)
	}
	into.put(series+"}", e.SystemTime.UnixMilli(), value)
}
