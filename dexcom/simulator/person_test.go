package simulator

import (
	"fmt"
	"testing"
	"time"
)

// noon is an instant well inside everybody's data.
func noon() time.Time { return time.Date(2025, time.March, 3, 12, 0, 0, 0, time.UTC) }

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// people are one of each kind that matters.
func people(t testing.TB) []*Person {
	t.Helper()
	return []*Person{
		{Name: "plain", Seed: 1},
		{
			Name: "hourly", Seed: 2, Sensor: G6, Display: Android, Rhythm: Hourly, HoldBack: time.Hour,
			Zone: zone(t, "America/Los_Angeles"), OfflineShare: 0.1, AwayShare: 0.1,
		},
		{
			Name: "receiver", Seed: 3, Sensor: G6, Display: Receiver, Rhythm: EveryTenDays,
			Zone: zone(t, "Europe/Berlin"),
		},
		{
			Name: "odd", Seed: 5, Sensor: G7FifteenDay, HoldBack: 3 * time.Hour, Quirks: true,
			Mean: 170, Swing: 95, Zone: zone(t, "America/St_Johns"), OfflineShare: 0.2, AwayShare: 0.3,
		},
		{Name: "odd receiver", Seed: 6, Sensor: G6, Display: Receiver, Rhythm: Hourly, Quirks: true},
		{Name: "one", Seed: 7, Sensor: OnePlus, Zone: zone(t, "Asia/Tokyo"), Since: noon().AddDate(0, -6, 0)},
		{
			Name: "five", Seed: 18, Sensor: G5, Rhythm: Hourly, HoldBack: 3 * time.Hour, Mean: 160, Swing: 70,
			Zone: zone(t, "America/Chicago"), AwayShare: 0.1,
		},
	}
}

// each runs a parallel test for every kind of person.
func each(t *testing.T, test func(t *testing.T, p *Person)) {
	t.Helper()
	for _, p := range people(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

func TestEmptyPerson(t *testing.T) {
	t.Parallel()
	p := new(Person)
	// The first instant of every testing/synctest bubble.
	now := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	if n := len(p.AvailableReadings(now.AddDate(0, 0, -1), now, now)); n < 200 {
		t.Errorf("got %d readings of a day, want most of 288", n)
	}
	if got := p.Readings(time.Unix(0, 0), time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)); got != nil {
		t.Errorf("got %d readings before the default of Since", len(got))
	}
}

func TestNothingBeforeSince(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4, Since: noon()}
	readings := p.Readings(noon().AddDate(-1, 0, 0), noon().AddDate(0, 0, 12))
	if len(readings) == 0 {
		t.Fatal("no readings at all")
	}
	if first := readings[0].SystemTime; first.Before(noon()) {
		t.Errorf("first reading at %v, before %v", first, noon())
	}
	before := noon().Add(-time.Second)
	if at, ok := p.LastUpload(before); ok {
		t.Errorf("upload at %v", at)
	}
	if _, ok := p.Session(before); ok {
		t.Error("a session before Since")
	}
}

func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	phases, users, values := make(map[int]bool), make(map[string]bool), make(map[string]bool)
	for seed := range uint64(50) {
		p := &Person{Seed: seed}
		users[p.userID()] = true
		var day string
		for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 1)) {
			phases[int(r.SystemTime.Unix()%300)] = true
			day += fmt.Sprint(r.Value, " ")
		}
		values[day] = true
	}
	if len(users) != 50 || len(values) != 50 {
		t.Errorf("50 seeds gave %d users and %d curves", len(users), len(values))
	}
	if len(phases) < 40 {
		t.Errorf("50 seeds gave %d phases of the five minutes", len(phases))
	}
}
