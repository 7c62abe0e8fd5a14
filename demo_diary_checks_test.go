package main

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// calibrationChecks are about finger-stick values given to the sensor.
func calibrationChecks() map[string]check {
	newest := func(read func(simulator.Calibration) float64) check {
		return func(p truth) want {
			made := p.Calibrations(p.asked.Add(-28*24*time.Hour), p.asked, p.asked)
			if len(made) == 0 {
				return nil
			}
			return want{"": read(made[len(made)-1])}
		}
	}
	return map[string]check{
		"dexcom_calibrations": func(p truth) want {
			counts := want{}
			for window, length := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "14d": 14 * 24 * time.Hour} {
				if !p.heard(length) {
					continue
				}
				counts[" window="+window] = float64(len(p.Calibrations(p.shown.Add(1-length), p.shown, p.asked)))
			}
			return counts
		},
		"dexcom_calibration_mg_dl":             newest(func(c simulator.Calibration) float64 { return float64(c.Value) }),
		"dexcom_calibration_timestamp_seconds": newest(func(c simulator.Calibration) float64 { return unix(c.SystemTime) }),
	}
}

// eventChecks are about what the person wrote down in the last day and still
// stands, of the kinds that are shown.
func eventChecks() map[string]check {
	count := func(simulator.Event) float64 { return 1 }
	times := func(factor float64) func(simulator.Event) float64 {
		return func(e simulator.Event) float64 { return e.Value * factor } // 0 without a value
	}
	return map[string]check{
		"dexcom_events": func(p truth) want {
			if !p.heard(24 * time.Hour) {
				return nil
			}
			events := want{}
			for _, kind := range p.events {
				for subtype, n := range bySubtype(p, kind, count) {
					events[" subtype="+subtype+" type="+kind+" window=24h"] = n
				}
			}
			return events
		},
		"dexcom_event_carbs_grams": func(p truth) want {
			if !p.heard(24 * time.Hour) {
				return nil
			}
			return want{" window=24h": bySubtype(p, "carbs", times(1))[""]}
		},
		"dexcom_event_insulin_units":    sumsOf("insulin", times(1)),
		"dexcom_event_exercise_seconds": sumsOf("exercise", times(60)),
	}
}

// sumsOf adds up a kind's events by subtype.
func sumsOf(kind string, amount func(simulator.Event) float64) check {
	return func(p truth) want {
		if !p.heard(24 * time.Hour) {
			return nil
		}
		sums := want{}
		for subtype, sum := range bySubtype(p, kind, amount) {
			sums[" subtype="+subtype+" window=24h"] = sum
		}
		return sums
	}
}

// bySubtype adds up the events of a kind. Each subtype that is known is there, at 0
// without any; whatever else it is called is one that is not.
func bySubtype(p truth, kind string, amount func(simulator.Event) float64) map[string]float64 {
	known := map[string][]string{
		"carbs": {""}, "blood_glucose": {""}, "insulin": {"fastActing", "longActing"}, "exercise": {"light", "medium", "heavy"},
		"health": {"illness", "stress", "highSymptoms", "lowSymptoms", "cycle", "alcohol"},
	}[kind]
	sums := map[string]float64{}
	for _, subtype := range known {
		sums[subtype] = 0
	}
	for _, e := range p.Events(p.shown.Add(1-24*time.Hour), p.shown, p.asked) {
		if e.Status == "deleted" || e.Type != map[string]string{"blood_glucose": "bloodGlucose"}[kind] && e.Type != kind {
			continue
		}
		subtype := e.SubType
		if !slices.Contains(known, subtype) {
			subtype = "unknown"
		}
		sums[subtype] += amount(e)
	}
	return sums
}

// rangeChecks are about how far Dexcom's data reaches.
func rangeChecks() map[string]check {
	of := func(pick func(start, end time.Time) time.Time) check {
		return func(p truth) want {
			ranges := want{}
			for _, record := range []string{"calibrations", "egvs", "events"} {
				start, end, ok := p.DataRange(record, p.asked, time.Time{})
				if record == "events" && p.version == dexcom.V2 {
					start, end, ok = eventRangeOfV2(p)
				}
				if ok {
					ranges[" record="+record] = unix(pick(start, end))
				}
			}
			return ranges
		}
	}
	return map[string]check{
		"dexcom_data_start_timestamp_seconds": of(func(start, _ time.Time) time.Time { return start }),
		"dexcom_data_end_timestamp_seconds":   of(func(_, end time.Time) time.Time { return end }),
	}
}

// eventRangeOfV2 is from the first to the last event of the kinds that version 2
// tells, deleted ones too.
func eventRangeOfV2(p truth) (start, end time.Time, ok bool) {
	told := func(e simulator.Event) bool {
		return slices.Contains([]string{"carbs", "insulin", "exercise", "health"}, e.Type)
	}
	const enough = 14 * 24 * time.Hour
	first := p.Events(p.Since, p.Since.Add(enough), p.asked)
	last := p.Events(p.asked.Add(-enough), p.asked, p.asked)
	slices.Reverse(last)
	i, j := slices.IndexFunc(first, told), slices.IndexFunc(last, told)
	if i < 0 || j < 0 {
		return start, end, false
	}
	return first[i].SystemTime, last[j].SystemTime, true
}
