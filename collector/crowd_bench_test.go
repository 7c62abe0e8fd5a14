package collector

import (
	"fmt"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// accountsMeasured are the family, the school and the clinic that benchmarks measure.
func accountsMeasured() []int { return []int{1, 100, 5000} }

// mostProfiled is up to how many accounts the configuration wants profiles by itself.
const mostProfiled = 50

// crowdPeople are whose readings the accounts of a crowd have, in turn.
func crowdPeople() []*simulator.Person {
	return []*simulator.Person{
		{Name: "five", Seed: 21, HoldBack: time.Hour, Mean: 150, Swing: 55},
		{Name: "hourly", Seed: 22, Sensor: simulator.G6, Display: simulator.Android, Rhythm: simulator.Hourly, HoldBack: time.Hour, Quirks: true, OfflineShare: .05},
		{Name: "ous", Seed: 23, Sensor: simulator.OnePlus, Display: simulator.Android, HoldBack: 3 * time.Hour, Zone: time.FixedZone("", 3600)},
	}
}

// answers are all that Dexcom tells of one person.
type answers struct {
	whole, day, share dexcom.List[dexcom.Reading]
	devices           dexcom.List[dexcom.Device]
	calibrations      dexcom.List[dexcom.Calibration]
	events            dexcom.List[dexcom.Event]
	alarms            dexcom.List[dexcom.Alarm]
	ranges            dexcom.DataRange
}

// ask asks Dexcom for everything about the person of an account with both sources.
func ask(b *testing.B, a Account) answers {
	b.Helper()
	const day = 24 * time.Hour
	ctx, now := b.Context(), time.Now()
	got := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	var all answers
	var err error
	all.whole, err = a.API.Client.EGVs(ctx, now.Add(-14*day), now, nil)
	got(err)
	all.day, err = a.API.Client.EGVs(ctx, now.Add(-day), now, nil)
	got(err)
	all.share, err = a.Share.Readings(ctx, day)
	got(err)
	all.devices, err = a.API.Client.Devices(ctx)
	got(err)
	all.calibrations, err = a.API.Client.Calibrations(ctx, now.Add(-28*day), now)
	got(err)
	all.events, err = a.API.Client.Events(ctx, now.Add(-14*day), now)
	got(err)
	all.alarms, err = a.API.Client.Alarms(ctx, now.Add(-7*day), now)
	got(err)
	all.ranges, err = a.API.Client.DataRange(ctx)
	got(err)
	return all
}

// crowd is a collector of so many accounts with both sources, consent and 14 days of
// everything. Nobody polls: all that Dexcom told is there already.
func crowd(b *testing.B, accounts int) *Collector {
	b.Helper()
	people := crowdPeople()
	cloud := simulator.New(people...)
	world := socketless(cloud, cloud)
	models := world.follow("five", "hourly", "ous")
	for i, p := range people {
		cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: p.Name})
		models.Accounts[i].Share = world.shareClient(b, models.calls, p.Name, p.Name, nil)
		models.Accounts[i].API.Grant = consented(b)
	}
	config := models
	config.Accounts, config.Reach = nil, 12*time.Hour
	for i := range accounts {
		a := models.Accounts[i%len(people)]
		a.Name, a.Profile, a.ReplayLag = fmt.Sprintf("p%04d", i), accounts <= mostProfiled, 15*time.Minute
		a.StaleAfter, a.Bounds = 15*time.Minute, glucose.StandardBounds()
		config.Accounts = append(config.Accounts, a)
	}
	c := config.collector()
	told := make([]answers, len(people))
	for i, a := range models.Accounts {
		told[i] = ask(b, a)
	}
	for i, a := range c.all() {
		a.learn(told[i%len(people)])
	}
	return c
}

// learn takes what Dexcom told, as the polls of a start do.
func (a *account) learn(all answers) {
	now := time.Now()
	a.absorb(0, all.share, now, shareFetch)
	a.absorb(0, all.day, now, newestFetch)
	replace(a, 0, "devices", all.devices, &a.devices)
	a.setRanges(0, all.ranges)
	replace(a, 0, "calibrations", all.calibrations, &a.calibrations)
	replace(a, 0, "events", all.events, &a.events)
	a.postEvents()
	replace(a, 0, "alerts", all.alarms, &a.alarms)
	a.absorb(0, all.whole, now, wholeFetch)
	for _, source := range []string{sourceAPI, sourceShare} {
		a.polled(SourceStatus{Name: source, LastPoll: now, NextPoll: now.Add(cadence)}, nil)
	}
}
