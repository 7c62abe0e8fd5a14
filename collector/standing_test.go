package collector

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// One account, all of them, and what costs little tell the same.
func TestStandingsAreThoseOfTheSnapshots(t *testing.T) {
	bubble(t, func(t *testing.T) {
		travel(noon())
		people := []*simulator.Person{
			{Name: "alice", Seed: 1, Sensor: simulator.G7, HoldBack: time.Hour, Since: noon().Add(-20 * 24 * time.Hour)},
			{Name: "bob", Seed: 2, Sensor: simulator.G6, Zone: time.FixedZone("", 9*3600), Since: noon().Add(-20 * 24 * time.Hour)},
		}
		cloud := simulator.New(people...)
		c, stop := run(t, follow(cloud, cloud, "alice", "bob"))
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		all, standings := c.Snapshots(), c.Standings()
		if len(all) != 2 || len(standings) != 2 {
			t.Fatalf("%d snapshots, %d standings", len(all), len(standings))
		}
		for i, s := range all {
			one, known := c.Snapshot(s.Account)
			same := fmt.Sprintf("%+v", one) == fmt.Sprintf("%+v", s) && fmt.Sprintf("%+v", standings[i]) == fmt.Sprintf("%+v", s.Standing)
			if !known || !same || !s.HasNewest || len(s.Figures) == 0 {
				t.Errorf("%+v\n%+v\n%+v", s, one, standings[i])
			}
			if _, offset := s.Now.In(s.Clock).Zone(); offset != i*9*3600 {
				t.Errorf("%s: the clock is %d s ahead", s.Account, offset)
			}
		}
		if s, known := c.Snapshot("carol"); known || s.Account != "" {
			t.Errorf("nobody is %+v", s)
		}
	})
}

// A page says since when a source fails, and why.
func TestSinceWhenASourceFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cloud := simulator.New(&simulator.Person{Name: "alice"})
		c := follow(cloud, cloud, "alice").collector()
		refused := &dexcom.Error{Op: "egvs", Reason: dexcom.ReasonServer, StatusCode: 503}
		for minute, poll := range []struct {
			err   error
			since int
		}{{nil, 0}, {nil, 0}, {refused, 2}, {errors.Join(refused), 2}, {io.EOF, 4}, {nil, 5}} {
			at := noon().Add(time.Duration(minute) * time.Minute)
			c.account("alice").polled(SourceStatus{Name: sourceAPI, LastPoll: at}, poll.err)
			source, used := c.Standings()[0].Source(sourceAPI)
			if !used || !source.Since.Equal(noon().Add(time.Duration(poll.since)*time.Minute)) || source.Err != poll.err { //nolint:errorlint // the same one
				t.Errorf("minute %d: since %v, %v", minute, source.Since, source.Err)
			}
		}
	})
}

// Without the offset of a reading nobody knows what time it is for the person.
func TestAClockThatNobodyKnows(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.settings.Timezone = nil
		reading := ago(time.Minute, 120)
		reading.DisplayTime = time.Time{}
		a.absorbNow(reading)
		if clock := c.Standings()[0].Clock; clock != nil {
			t.Errorf("the clock is %v", clock)
		}
		reading = ago(0, 121)
		reading.DisplayTime = reading.Time.In(time.FixedZone("", -5*3600))
		a.absorbNow(reading)
		if _, offset := noon().In(c.Standings()[0].Clock).Zone(); offset != -5*3600 {
			t.Errorf("the clock is %d s ahead", offset)
		}
	})
}
