package dexcom_test

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // not every machine has the zones

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// sleepers live in zones with and without summer time; all have a schedule for the
// night, some silence their alerts at noon.
func sleepers(t *testing.T) []*simulator.Person {
	t.Helper()
	var all []*simulator.Person
	for seed := range uint64(60) {
		zone, err := time.LoadLocation([]string{"America/Los_Angeles", "Asia/Kolkata", "America/New_York"}[seed%3])
		if err != nil {
			t.Fatal(err)
		}
		person := &simulator.Person{
			Name: fmt.Sprintf("sleeper%d", seed), Seed: seed, Quirks: seed%2 == 1, Zone: zone,
			Sensor:  []simulator.Sensor{simulator.G6, simulator.G5, simulator.G7, simulator.OnePlus}[seed/2%4],
			Display: []simulator.Display{simulator.IOS, simulator.Receiver}[seed/4%2],
			Since:   time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		}
		if _, has := person.NightSchedule(); has {
			all = append(all, person)
		}
	}
	return all
}

// settingsOf are the person's settings at a moment on their own clock. Version 2
// does not know that alerts can be silenced.
func settingsOf(version dexcom.Version, person *simulator.Person, local time.Time) map[string]dexcom.AlertSetting {
	want := map[string]dexcom.AlertSetting{}
	set := func(alert string, value float64, snooze time.Duration, enabled bool) {
		want[alert] = dexcom.AlertSetting{Alert: alert, Value: value, HasValue: true, Snooze: snooze, Enabled: enabled}
	}
	day, heard := person.Thresholds(), version == dexcom.V2 || !person.Silenced(local)
	set("high", day.High, day.Snooze, heard)
	set("low", day.Low, day.Snooze, heard)
	set("outOfRange", day.OutOfRange.Seconds(), 0, heard)
	set("noReadings", day.NoReadings.Seconds(), 0, heard)
	if person.Sensor != simulator.OnePlus {
		snooze := 30 * time.Minute
		if version == dexcom.V2 && person.Quirks {
			snooze = 28 * time.Minute
		}
		set("urgentLow", day.UrgentLow, snooze, heard)
		set("rise", day.Rise, 0, heard && day.RiseFall)
		set("fall", day.Fall, 0, heard && day.RiseFall)
		if person.Sensor != simulator.G5 {
			set("urgentLowSoon", day.UrgentLowSoon, 30*time.Minute, heard)
		}
	}
	if night, has := person.NightSchedule(); has && night.Active(local) {
		set("high", night.High, night.Snooze, true)
		set("low", night.Low, night.Snooze, true)
	}
	return want
}

// moments are every full and half hour of a weekend, and the second before: all at
// which a schedule or an override can begin or end. In the night to Sunday the
// clocks go forward in America.
func moments() []time.Time {
	var all []time.Time
	for at := time.Date(2026, time.March, 6, 18, 0, 0, 0, time.UTC); at.Before(time.Date(2026, time.March, 9, 0, 0, 0, 0, time.UTC)); at = at.Add(30 * time.Minute) {
		all = append(all, at.Add(-time.Second), at)
	}
	return all
}

func TestSimulatedSettings(t *testing.T) {
	t.Parallel()
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				met := map[string]int{}
				people := sleepers(t)
				cloud := simulator.New(people...)
				for i, at := range moments() {
					time.Sleep(time.Until(at))
					for j, person := range people {
						if covered(version, person) && (i+j)%3 == 0 { // all would take long
							checkSettings(t, version, cloud, person, at, met)
						}
					}
				}
				if met["night"] == 0 || met["day"] == 0 || (version == dexcom.V3) != (met["silenced"] > 0 && met["silenced receiver"] > 0) {
					t.Errorf("the moments do not cover everything: %v", met)
				}
			})
		})
	}
}

// checkSettings asks for the devices of a person, and counts what it met.
func checkSettings(t *testing.T, version dexcom.Version, cloud *simulator.Cloud, person *simulator.Person, now time.Time, met map[string]int) {
	t.Helper()
	client, err := dexcom.NewClient(dexcom.Config{
		BaseURL: "http://dexcom.test", Version: version, Tokens: dexcom.FixedToken(cloud.AccessToken(person.Name)), Transport: cloud,
	})
	if err != nil {
		t.Fatal(err)
	}
	devices, err := client.Devices(t.Context())
	if err != nil || len(devices.Skipped) > 0 || len(devices.Records) == 0 {
		t.Fatalf("%s: %+v, %v", person.Name, devices, err)
	}
	device, local := devices.Records[0], now.In(person.Zone)
	if age := now.Sub(device.LastUpload); age < 0 || age > 24*time.Hour {
		t.Errorf("%s: uploaded at %v, %v ago", person.Name, device.LastUpload, age)
	}
	got, want := device.AlertSettings(local), settingsOf(version, person, local)
	for alert, setting := range got {
		if before := person.Since.Sub(setting.Time); before < 0 || before > 31*24*time.Hour {
			t.Errorf("%s: %s was set at %v", person.Name, alert, setting.Time)
		}
		setting.Time = time.Time{}
		got[alert] = setting
	}
	if !maps.Equal(got, want) {
		t.Fatalf("%s at %v:\ngot  %+v\nwant %+v", person.Name, local, got, want)
	}
	night, _ := person.NightSchedule()
	met[map[bool]string{true: "night", false: "day"}[night.Active(local)]]++
	if version == dexcom.V3 && person.Silenced(local) {
		met["silenced"]++
		met["silenced "+string(person.Display)]++
	}
}
