package report

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// The days end at the last midnight of the person's own clock, and have the hours
// that their zone gives them.
func TestLastDays(t *testing.T) {
	t.Parallel()
	utc := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for name, test := range map[string]struct {
		count       int
		end         time.Time
		begin, end2 string
		length      time.Duration
		says        string
	}{
		"plain":                 {14, utc("2026-11-22T10:00:00Z"), "2026-11-08T00:00:00Z", "2026-11-22T00:00:00Z", 336 * time.Hour, "8 to 21 November 2026"},
		"at midnight":           {1, utc("2026-11-22T00:00:00Z"), "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", 24 * time.Hour, "21 November 2026"},
		"before midnight":       {1, utc("2026-11-21T23:59:59Z"), "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", 24 * time.Hour, "20 November 2026"},
		"two months":            {30, utc("2026-11-22T10:00:00Z"), "2026-10-23T00:00:00Z", "2026-11-22T00:00:00Z", 720 * time.Hour, "23 October to 21 November 2026"},
		"two years":             {14, utc("2027-01-03T10:00:00Z"), "2026-12-20T00:00:00Z", "2027-01-03T00:00:00Z", 336 * time.Hour, "20 December 2026 to 2 January 2027"},
		"a zone ahead":          {1, utc("2026-11-21T15:30:00Z").In(in(t, "Asia/Tokyo")), "2026-11-20T15:00:00Z", "2026-11-21T15:00:00Z", 24 * time.Hour, "21 November 2026"},
		"a zone behind":         {1, utc("2026-11-22T04:30:00Z").In(in(t, "America/New_York")), "2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z", 24 * time.Hour, "20 November 2026"},
		"half an hour":          {1, utc("2026-11-21T19:00:00Z").In(in(t, "Asia/Kolkata")), "2026-11-20T18:30:00Z", "2026-11-21T18:30:00Z", 24 * time.Hour, "21 November 2026"},
		"the clock goes back":   {1, utc("2026-10-26T10:00:00Z").In(in(t, "Europe/London")), "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 25 * time.Hour, "25 October 2026"},
		"the clock goes ahead":  {14, utc("2026-03-30T10:00:00Z").In(in(t, "Europe/London")), "2026-03-16T00:00:00Z", "2026-03-29T23:00:00Z", 335 * time.Hour, "16 to 29 March 2026"},
		"a midnight that is no": {1, utc("2018-11-05T12:00:00Z").In(in(t, "America/Sao_Paulo")), "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 23 * time.Hour, "4 November 2018"},
	} {
		d := LastDays(test.count, test.end)
		if !d.Begin().Equal(utc(test.begin)) || !d.End().Equal(utc(test.end2)) || d.length(nil) != test.length || d.String() != test.says {
			t.Errorf("%s: %s: %v to %v, %v", name, d, d.Begin().UTC(), d.End().UTC(), d.length(nil))
		}
	}
}

// A reading is of the date on its own clock.
func TestIndexOfADay(t *testing.T) {
	t.Parallel()
	d := LastDays(3, time.Date(2026, time.October, 27, 9, 0, 0, 0, in(t, "Europe/London"))) // 24 to 26
	for text, want := range map[string]int{
		"2026-10-23T23:59:59+01:00": -1,
		"2026-10-24T00:00:00+01:00": 0,
		"2026-10-24T23:59:59+01:00": 0,
		"2026-10-25T00:00:00+01:00": 1,
		"2026-10-25T01:30:00+01:00": 1,
		"2026-10-25T01:30:00+00:00": 1,
		"2026-10-25T23:59:59+00:00": 1,
		"2026-10-26T23:59:59+00:00": 2,
		"2026-10-27T00:00:00+00:00": -1,
		"2026-10-26T23:59:59-08:00": 2, // on a journey
		"1970-01-01T00:00:00Z":      -1,
		"2099-01-01T00:00:00Z":      -1,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, within := d.index(at); within != (want >= 0) || within && got != want {
			t.Errorf("%s: %d %t, want %d", text, got, within, want)
		}
	}
}

// A sensor that misses nothing has every day of a year whole, whatever the clock does.
func TestNothingIsLostWhenTheClockChanges(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"} {
		location := in(t, zone)
		for day := range 365 {
			end, count := time.Date(2018, time.January, 15+day, 12, 0, 0, 0, location), 1
			if day%14 == 0 {
				count = 14
			}
			d := LastDays(count, end)
			samples := d.of(every5(end.AddDate(0, 0, -count-1), end, wave))
			if c := newCapture(samples, d); c.Readings != c.Possible || c.DaysWithReadings != count || c.Active() != "100.0 %" || c.sufficientForGMI() != (count == 14) {
				t.Fatalf("%s, %s: %+v", zone, d, c)
			}
			first, last := samples[0].Time, samples[len(samples)-1].Time
			if first.Sub(d.Begin()) >= glucose.Interval || d.End().Sub(last) > glucose.Interval {
				t.Fatalf("%s, %s: from %v to %v", zone, d, first, last)
			}
		}
	}
}
