package e2e

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// campaigner is a person of the fault campaign and how they are read.
type campaigner struct {
	Person     simulator.Person
	API, Share bool
}

// campaignStart is when the campaign begins, by the clock of a life.
func campaignStart() time.Time { return time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC) }

// campaigners are one of each kind, born with the seed.
func campaigners(seed uint64) []campaigner {
	since := campaignStart().Add(-40 * 24 * time.Hour)
	people := []campaigner{
		{simulator.Person{Name: "hourly", Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour}, true, false},
		{simulator.Person{Name: "five", HoldBack: time.Hour}, true, false},
		{simulator.Person{Name: "offline", HoldBack: time.Hour, OfflineShare: 0.4}, true, false},
		{simulator.Person{Name: "share"}, false, true},
		{simulator.Person{Name: "both", HoldBack: time.Hour}, true, true},
	}
	for i := range people {
		people[i].Person.Seed, people[i].Person.Since = seed+uint64(i), since
	}
	return people
}

// campaignReading is one measurement as it may leave the program: under one of its times.
type campaignReading struct {
	id        string
	times     []int64 // Unix milliseconds, the API's and Share's
	value     float64
	at        time.Time
	available time.Time // the first moment at which a source has it
}

// measurements is the truth about all readings of a stretch: from the simulator's own
// function, never from what the program read.
func (c campaigner) measurements(from, to time.Time) []campaignReading {
	const longAfter = 30 * 24 * time.Hour
	byID := map[string]*campaignReading{}
	var order []string
	add := func(id string, at time.Time, value int, available time.Time) {
		m := byID[id]
		if m == nil {
			m = &campaignReading{id: id, value: float64(value), at: at, available: available}
			byID[id] = m
			order = append(order, id)
		}
		m.times = append(m.times, at.UnixMilli())
		if available.Before(m.available) {
			m.available = available
		}
	}
	if c.API {
		for _, r := range c.Person.AvailableReadings(from, to, to.Add(longAfter)) {
			add(r.RecordID, r.SystemTime, r.Value, r.Available)
		}
	}
	if c.Share {
		for _, r := range c.Person.ShareReadings(from, to, to.Add(longAfter)) {
			add(r.RecordID, r.Time.Truncate(time.Second), r.Value, r.Published) // as Share's times are understood
		}
	}
	all := make([]campaignReading, 0, len(order))
	for _, id := range order {
		all = append(all, *byID[id])
	}
	return all
}
