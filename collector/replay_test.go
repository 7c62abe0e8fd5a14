package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// replayedMinutes scrapes the gauge each minute, as Prometheus does, and gives each
// value at the time that the negative offset puts it to.
func replayedMinutes(t *testing.T, c *Collector, lag, length time.Duration) map[time.Time]float64 {
	t.Helper()
	seen := map[time.Time]float64{}
	for range int(length / time.Minute) {
		time.Sleep(time.Minute)
		synctest.Wait()
		if mgdl, shown := value(t, c, "dexcom_glucose_replay_mg_dl"); shown {
			seen[time.Now().Add(-lag)] = mgdl
		}
	}
	return seen
}

// With its lag taken away the gauge shows every reading at its time, and nothing
// else. What it cannot show is counted.
func TestTheReplayGaugeDrawsEveryReadingAtItsTime(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	hours := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
	for name, test := range map[string]struct {
		person  simulator.Person
		version dexcom.Version
		lag     time.Duration
		misses  bool
	}{
		"five minutes":  {simulator.Person{Sensor: simulator.G7, HoldBack: time.Hour}, dexcom.V3, hours(2.5), false},
		"hourly":        {simulator.Person{Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour}, dexcom.V3, hours(2.5), false},
		"three hours":   {simulator.Person{Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour}, dexcom.V3, hours(4.5), false},
		"version 2":     {simulator.Person{Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour}, dexcom.V2, hours(4.5), false},
		"offline":       {simulator.Person{Sensor: simulator.G7, HoldBack: time.Hour, OfflineShare: 0.3}, dexcom.V3, hours(2.5), true},
		"away":          {simulator.Person{Sensor: simulator.G7, HoldBack: time.Hour, AwayShare: 0.3}, dexcom.V3, hours(2.5), true},
		"a lag too low": {simulator.Person{Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour}, dexcom.V3, hours(1.5), true},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := test.person
			p.Name, p.Seed, p.Since, p.Quirks = "p", 41, noon().Add(-5*24*time.Hour), false
			cloud := simulator.New(&p)
			w := socketless(cloud, readingsOnly{cloud})
			w.version = test.version
			config := w.follow(p.Name)
			config.MinInterval, config.MaxInterval, config.Accounts[0].ReplayLag = 5*time.Minute, 5*time.Minute, test.lag
			c, stop := run(t, config)
			time.Sleep(test.lag) // so that all that is replayed arrived while it ran
			start := time.Now().Add(-test.lag)
			length := 10 * time.Hour
			drawn := replayedMinutes(t, c, test.lag, length)
			end := time.Now().Add(-test.lag)
			time.Sleep(12 * time.Hour) // what is missed is counted when it arrives
			synctest.Wait()
			missed := c.Snapshots()[0].ReplayMissed
			stop()
			auditReplay(t, &p, test.version, drawn, start, end, int(missed), test.misses)
		})
	}
}

// auditReplay compares what was drawn with what the person measured. At the edges a
// reading may have had too few minutes to be seen.
func auditReplay(t *testing.T, p *simulator.Person, version dexcom.Version, drawn map[time.Time]float64, start, end time.Time, missed int, misses bool) {
	t.Helper()
	var truth []simulator.V2Reading
	for _, r := range p.Readings(start.Add(-time.Hour), end) {
		truth = append(truth, simulator.V2Reading{Reading: r, Realtime: r.Value, Smoothed: r.Value})
	}
	if version == dexcom.V2 {
		truth = p.V2Readings(start.Add(-time.Hour), end, end.Add(12*time.Hour))
	}
	shown, wrong := map[int]bool{}, 0
	for at, mgdl := range drawn {
		found := false
		for i, r := range truth {
			if age := at.Sub(r.SystemTime); age >= 0 && age < replayed && (float64(r.Value) == mgdl || float64(r.Realtime) == mgdl || float64(r.Smoothed) == mgdl) {
				shown[i], found = true, true
			}
		}
		if !found {
			wrong++
		}
	}
	all, lost := 0, 0
	for i, r := range truth {
		if r.SystemTime.After(start.Add(5*time.Minute)) && r.SystemTime.Before(end.Add(-5*time.Minute)) {
			all++
			if !shown[i] {
				lost++
			}
		}
	}
	switch {
	case wrong > 0 || all < 20:
		t.Errorf("%d readings, %d minutes show what nobody measured then", all, wrong)
	case misses && (lost == 0 || missed < lost):
		t.Errorf("%d of %d readings lost, %d counted as missed", lost, all, missed)
	case !misses && (lost > 0 || missed > 0):
		t.Errorf("%d of %d readings lost, %d counted as missed", lost, all, missed)
	}
}
