package simulator

import (
	"testing"
	"time"
)

func TestSpelling(t *testing.T) {
	t.Parallel()
	at := floor(time.Date(2025, 2, 6, 17, 12, 0, 0, time.UTC))
	west, east := zone(t, "America/Los_Angeles"), zone(t, "Asia/Kolkata")
	for _, c := range []struct {
		spelling        spelling
		at              millis
		zone            *time.Location
		system, display string
	}{
		{spelling{}, at, west, "2025-02-06T17:12:00Z", "2025-02-06T09:12:00-08:00"},
		{spelling{}, at + 180*day, west, "2025-08-05T17:12:00Z", "2025-08-05T10:12:00-07:00"},
		{spelling{}, at, east, "2025-02-06T17:12:00Z", "2025-02-06T22:42:00+05:30"},
		{spelling{}, at, time.UTC, "2025-02-06T17:12:00Z", "2025-02-06T17:12:00+00:00"},
		{spelling{zoneless: true}, at, west, "2025-02-06T17:12:00", "2025-02-06T09:12:00"},
		{spelling{zoneless: true, space: true}, at, west, "2025-02-06 17:12:00", "2025-02-06 09:12:00"},
		{spelling{zoneless: true, zoneSeconds: true}, at, west, "2025-02-06T17:12:00", "2025-02-06T09:12:00"},
		{spelling{minutes: true}, at, west, "2025-02-06T17:12Z", "2025-02-06T09:12-08:00"},
		{spelling{millis: true}, at + 38, west, "2025-02-06T17:12:00.038Z", "2025-02-06T09:12:00.038-08:00"},
		{spelling{plusZero: true}, at, west, "2025-02-06T17:12:00+00:00", "2025-02-06T09:12:00-08:00"},
		{spelling{zoneSeconds: true}, at, west, "2025-02-06T17:12:00Z", "2025-02-06T09:12:02-07:59:58"},
	} {
		system, display := c.spelling.systemTime(c.at), c.spelling.displayTime(c.at, c.zone)
		if system != c.system || display != c.display {
			t.Errorf("%+v: %s and %s, want %s and %s", c.spelling, system, display, c.system, c.display)
		}
	}
}

func TestPlainPeopleSpellPlainly(t *testing.T) {
	t.Parallel()
	for key := range int64(500) {
		if s := (&Person{Seed: 1}).spelling(key); s != (spelling{}) {
			t.Fatalf("a phone spells %+v", s)
		}
		if s := (&Person{Seed: 1, Display: Receiver}).spelling(key); s != (spelling{zoneless: true}) {
			t.Fatalf("a receiver spells %+v", s)
		}
	}
}

func TestQuirkyPeopleSpellInAllWays(t *testing.T) {
	t.Parallel()
	seen := make(map[spelling]int)
	for key := range int64(2000) {
		seen[(&Person{Seed: 1, Quirks: true}).spelling(key)]++
	}
	if len(seen) != 7 || seen[spelling{}] < 1000 {
		t.Errorf("got %v", seen)
	}
}
