package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// toldPast is a past that is given as it stands.
type toldPast []chapter

func (p toldPast) read(_ context.Context, _ stretch, take func(chapter) error) error {
	for _, c := range p {
		if err := take(c); err != nil {
			return err
		}
	}
	return nil
}

func reportingAt(t *testing.T, now, zone string, days int) reporting {
	t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	r := reporting{days: days, now: at, stderr: io.Discard, account: plannedAccount{name: "alice", api: true, staleAfter: 5 * time.Hour, target: "standard"}}
	if zone != "" {
		if r.account.timezone, err = time.LoadLocation(zone); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// The stretch that is asked for holds the days whenever the newest reading was, and
// wherever the person lives.
func TestTheStretchHoldsTheDays(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "UTC", "Europe/London", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"} {
		for _, now := range []string{"2026-11-22T00:00:01Z", "2026-11-22T04:59:00Z", "2026-11-22T13:00:00Z", "2026-10-25T02:00:00Z", "2026-03-29T12:00:00Z", "2026-11-22T23:59:59Z"} {
			r := reportingAt(t, now, zone, 14)
			offsets := []int{0}
			if zone == "" {
				offsets = []int{-720, 0, 330, 840}
			}
			for _, offset := range offsets {
				for age := time.Minute; age < 30*time.Hour; age += 17 * time.Minute {
					g := gathered{reporting: &r}
					if err := g.take(chapter{Readings: []pastReading{{UnixMilli: r.now.Add(-age).UnixMilli(), MgDL: 100, OffsetMinutes: offset}}}); err != nil {
						t.Fatal(err)
					}
					end := g.end()
					begin := time.Date(end.Year(), end.Month(), end.Day()-14, 0, 0, 0, 0, end.Location())
					if s := r.stretch(); s.From.After(begin) || begin.Sub(s.From) > 3*24*time.Hour || !s.To.Equal(r.now) || end.After(r.now) {
						t.Fatalf("%s in %q, a reading %v ago at %d: %v does not hold %v", now, zone, age, offset, s, begin)
					}
				}
			}
		}
	}
}

// Readings that are hours late cost no day: the days that are over are those whose
// readings can be there.
func TestTheDaysOfLateReadings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ now, newest, want string }{
		{"2026-11-22T10:00:00Z", "2026-11-22T08:00:00Z", "2026-11-22T08:05:00Z"},
		{"2026-11-22T02:00:00Z", "2026-11-21T23:00:00Z", "2026-11-21T23:05:00Z"},
		{"2026-11-22T02:00:00Z", "2026-11-21T20:00:00Z", "2026-11-22T02:00:00Z"}, // nothing new
		{"2026-11-22T00:02:00Z", "2026-11-22T00:01:00Z", "2026-11-22T00:02:00Z"},
	} {
		r := reportingAt(t, test.now, "UTC", 1)
		newest, err := time.Parse(time.RFC3339, test.newest)
		if err != nil {
			t.Fatal(err)
		}
		g := gathered{reporting: &r, samples: []glucose.Sample{{Time: newest.UTC(), MgDL: 100}}}
		if got := g.end().Format(time.RFC3339); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// What is missing is said where it is of the days of the page, and not else.
func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		missing missing
		says    string
	}{
		"the beginning": {missing{at(17, 0), at(19, 10), "no luck"}, "What there was between 17 November 2026, 00:00 and 19 November 2026, 10:00 could not be read."},
		"before":        {missing{at(10, 0), at(19, 0), "no luck"}, ""},
		"after":         {missing{at(22, 0), at(22, 3), "no luck"}, ""},
	} {
		r := reportingAt(t, "2026-11-22T10:00:00Z", "UTC", 3)
		var page, said strings.Builder
		r.stderr = &said
		past := toldPast{{Missing: &test.missing}, {Waits: "a moment"}, {Readings: []pastReading{{UnixMilli: at(21, 12).UnixMilli(), MgDL: 123}}}}
		if err := r.run(t.Context(), past, &page); err != nil {
			t.Fatal(err)
		}
		if words := wordsOf(page.String()); strings.Contains(words, "could not be read") != (test.says != "") || !strings.Contains(words, test.says) {
			t.Errorf("%s: the page says %s", name, words)
		}
		if strings.Contains(said.String(), "no luck") != (test.says != "") || !strings.Contains(said.String(), "alice: a moment\n") || strings.Contains(said.String(), "123") {
			t.Errorf("%s: it says %s", name, said.String())
		}
	}
}

// What may still be smoothed is said while it touches the days.
func TestWhatIsNotSmoothedIsSaid(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]bool{"2026-11-22T02:00:00Z": true, "2026-11-22T10:00:00Z": false} {
		r := reportingAt(t, now, "UTC", 1)
		var page strings.Builder
		if err := r.run(t.Context(), toldPast{{Unsmoothed: 3}}, &page); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(wordsOf(page.String()), "3 readings of the last hours may still change") != want {
			t.Errorf("%s: %s", now, wordsOf(page.String()))
		}
	}
}

// failedPast cannot be read.
type failedPast struct{ error }

func (p failedPast) read(context.Context, stretch, func(chapter) error) error { return p.error }

func TestReportThatFails(t *testing.T) {
	t.Parallel()
	r := reportingAt(t, "2026-11-22T10:00:00Z", "UTC", 1)
	why := errors.New("no luck")
	var page strings.Builder
	if err := r.run(t.Context(), failedPast{why}, &page); !errors.Is(err, why) || page.Len() > 0 {
		t.Errorf("%v, %q", err, page.String())
	}
}

// Both clocks of a night in which the clock is put back are on the page: the
// readings of the account without a zone bring their own.
func TestReportOfANightOfTwoClocks(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/London", ""} {
		r := reportingAt(t, "2026-10-26T10:00:00Z", zone, 1)
		begin := time.Date(2026, time.October, 24, 22, 0, 0, 0, time.UTC) // 23:00 in London
		var readings []pastReading
		for i := range 27 * 12 {
			at := begin.Add(time.Duration(i) * 5 * time.Minute)
			reading := pastReading{UnixMilli: at.UnixMilli(), MgDL: 100}
			if at.Hour() < 1 && at.Day() == 25 || at.Day() == 24 {
				reading.OffsetMinutes = 60
			}
			readings = append(readings, reading)
		}
		var page strings.Builder
		if err := r.run(t.Context(), toldPast{{Readings: readings}}, &page); err != nil {
			t.Fatal(err)
		}
		if words := wordsOf(page.String()); lacks(words, []string{"300 of 300 possible readings", "Sensor active 100.0 %", "25 October 2026"}) != nil {
			t.Errorf("%q: %s", zone, words)
		}
	}
}
