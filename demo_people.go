package main

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// demoPerson is one simulated person and what is worth seeing in them.
type demoPerson struct {
	simulator.Person

	region  dexcom.Region
	version dexcom.Version // of the API; empty: not used
	share   bool           // Share is used
	events  []string       // the kinds that are shown
	about   string
	revoked bool // consented once, and then ended that at Dexcom
}

// demoPeople are the same at every start: what they measure depends on the time
// alone.
func demoPeople() []demoPerson {
	since := time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC)
	usual := []string{"carbs", "insulin", "exercise"}
	return append(peopleOfTheAPI(since, usual), peopleElsewhere(since, usual)...)
}

// peopleOfTheAPI are read from version 3 of the official API in the United States.
func peopleOfTheAPI(since time.Time, usual []string) []demoPerson {
	return []demoPerson{
		{
			Person: simulator.Person{
				Name: "alice", Seed: 1, Sensor: simulator.G7, Display: simulator.IOS,
				Rhythm: simulator.EveryFiveMinutes, HoldBack: time.Hour, Since: since, Mean: 150, Swing: 55,
			},
			region: dexcom.US, version: dexcom.V3, events: append(usual, "health", "blood_glucose"),
			about: "G7; the phone uploads every five minutes, Dexcom releases an hour later",
		},
		{
			Person: simulator.Person{
				Name: "bob", Seed: 2, Sensor: simulator.G6, Display: simulator.Android,
				Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: since,
				OfflineShare: 0.1, AwayShare: 0.03, Quirks: true,
			},
			region: dexcom.US, version: dexcom.V3, events: usual,
			about: "G6; the phone uploads once an hour, is offline at times and back-fills; odd devices, as Dexcom sends them",
		},
		{
			Person: simulator.Person{
				Name: "carol", Seed: 3, Sensor: simulator.G6, Display: simulator.Receiver,
				Rhythm: simulator.EveryTenDays, Since: since,
			},
			region: dexcom.US, version: dexcom.V3, events: usual,
			about: "G6; a receiver, read out every ten days: between, only the time of the last value shows",
		},
		{
			Person: simulator.Person{
				Name: "dave", Seed: 4, Sensor: simulator.G7, Display: simulator.IOS, HoldBack: time.Hour, Since: since,
			},
			region: dexcom.US, version: dexcom.V3, events: usual,
			about:   "G7; ended the consent at Dexcom: must be linked again, on the status page",
			revoked: true,
		},
	}
}

// peopleElsewhere are those who are read in other ways than from version 3 in the
// United States.
func peopleElsewhere(since time.Time, usual []string) []demoPerson {
	return []demoPerson{
		{
			Person: simulator.Person{
				Name: "erin", Seed: 5, Sensor: simulator.G6, Display: simulator.IOS,
				Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since, Mean: 160,
			},
			region: dexcom.US, version: dexcom.V2, events: usual,
			about: "G6 through version 2 of the API: three hours late, smoothed afterwards, with Dexcom's own statistics",
		},
		{
			Person: simulator.Person{
				Name: "frank", Seed: 14, Sensor: simulator.G6, Display: simulator.Android,
				Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since, Zone: time.FixedZone("", 2*60*60),
			},
			region: dexcom.EU, version: dexcom.V3, events: usual,
			about: "G6 outside the United States: three hours late, in Dexcom's European cloud",
		},
		{
			Person: simulator.Person{
				Name: "gina", Seed: 15, Sensor: simulator.G7, Display: simulator.IOS,
				Rhythm: simulator.EveryFiveMinutes, HoldBack: time.Hour, Since: since, Mean: 145,
			},
			region: dexcom.US, version: dexcom.V3, share: true, events: usual,
			about: "G7 with both sources: minutes old through Dexcom Share, the rest from the official API",
		},
		{
			Person: simulator.Person{
				Name: "henry", Seed: 16, Sensor: simulator.G6, Display: simulator.Android, Since: since,
				OfflineShare: 0.15, Mean: 155, Swing: 50,
			},
			region: dexcom.US, share: true,
			about: "G6 with Dexcom Share alone, without an app or a link; the phone is offline now and then",
		},
	}
}
