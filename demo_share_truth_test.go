package main

import (
	"slices"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// publishedBy are the readings that Share has of a person: the last day's, in whole
// seconds, without rates, and with the API's words for the arrows.
func publishedBy(p *demoPerson, now time.Time) []simulator.Reading {
	if !p.share {
		return nil
	}
	var readings []simulator.Reading
	for _, r := range p.ShareReadings(now.Add(-24*time.Hour), now.Add(time.Minute), now) {
		readings = append(readings, simulator.Reading{
			RecordID: r.RecordID, SystemTime: r.Time.Truncate(time.Second), Value: r.Value,
			Trend: strings.ToLower(r.Trend[:1]) + r.Trend[1:],
		})
	}
	return readings
}

// merged has each measurement once, in order: as Share tells it where it does, and
// with the rate that only the API has.
func merged(published, released []simulator.Reading) []simulator.Reading {
	readings := slices.Clone(published)
	for _, r := range released {
		same := func(other simulator.Reading) bool { return other.RecordID == r.RecordID }
		if i := slices.IndexFunc(readings, same); i >= 0 {
			readings[i].TrendRate, readings[i].HasRate = r.TrendRate, r.HasRate
			continue
		}
		readings = append(readings, r)
	}
	slices.SortStableFunc(readings, func(a, b simulator.Reading) int { return a.SystemTime.Compare(b.SystemTime) })
	return readings
}

// last is the newest reading, zero without any.
func last(readings []simulator.Reading) (newest simulator.Reading) {
	if len(readings) > 0 {
		newest = readings[len(readings)-1]
	}
	return newest
}
