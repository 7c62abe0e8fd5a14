package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func TestTheCardSaysWhoseClockItIs(t *testing.T) {
	t.Parallel()
	for want, zone := range map[string]*time.Location{
		"Times in UTC: the clock of alice is not known": nil,
		"Times by alice's clock, UTC":                   time.UTC,
		"Times by alice's clock, UTC+02:00":             time.FixedZone("", 7200),
	} {
		s := collector.Snapshot{Standing: standing(100, time.Minute)}
		s.Clock = zone
		if got := cardOf(s, nil, glucose.MgDL, false).Clock; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTimesAreSaidByThePersonsClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC)
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		zone     *time.Location
		t        time.Time
		at, name string
	}{
		{nil, now.Add(-20 * time.Minute), "at 00:10", "UTC"},
		{nil, now.Add(-time.Hour), "at 23:30 on 28 Feb", "UTC"},
		{nil, now.AddDate(-1, 0, 0), "at 00:30 on 1 Mar 2025", "UTC"},
		{nil, now.AddDate(73, 0, 0), "at 00:30 on 1 Mar 2099", "UTC"},
		{time.FixedZone("", 2*60*60), now.Add(-time.Hour), "at 01:30", "UTC+02:00"},
		{time.FixedZone("", -210*60), now, "at 21:00", "UTC-03:30"},
		{time.FixedZone("", 0), now, "at 00:30", "UTC"},
		{london, now.Add(-time.Hour), "at 23:30 on 28 Feb", "Europe/London, UTC"},
	} {
		c := clockOf(test.zone, now)
		if c.at(test.t) != test.at || "at "+c.time(test.t) != test.at || c.String() != test.name {
			t.Errorf("%q by %q, want %q by %q", c.at(test.t), c, test.at, test.name)
		}
	}
}
