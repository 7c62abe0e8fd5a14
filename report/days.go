package report

import (
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// Days are whole days of a person's calendar.
type Days struct {
	first time.Time // midnight in UTC, as the name of a date
	count int
	zone  *time.Location
}

// LastDays are the last count days, at least one, that are over at end, by the
// calendar of end's location.
func LastDays(count int, end time.Time) Days {
	return Days{first: dateOf(end).AddDate(0, 0, -count), count: count, zone: end.Location()}
}

// dateOf names the date of t, in t's own location.
func dateOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Begin is when the first day begins.
func (d Days) Begin() time.Time { return d.midnight(0, d.zone) }

// End is when the last day ends.
func (d Days) End() time.Time { return d.midnight(d.count, d.zone) }

// length is how long they lasted for the person of the readings: a day on which the
// clock changes has 23 or 25 hours.
func (d Days) length(samples []glucose.Sample) time.Duration {
	first, last := d.zone, d.zone
	if n := len(samples); n > 0 { // where no zone is known each may have its own clock
		first, last = samples[0].Time.Location(), samples[n-1].Time.Location()
	}
	return d.midnight(d.count, last).Sub(d.midnight(0, first))
}

// midnight is when day n begins in a zone.
func (d Days) midnight(n int, zone *time.Location) time.Time {
	year, month, day := d.date(n).Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if dateOf(midnight).Before(d.date(n)) { // the clock went over it
		_, midnight = midnight.ZoneBounds()
	}
	return midnight
}

func (d Days) date(n int) time.Time { return d.first.AddDate(0, 0, n) }

// index says which of the days t falls on, by t's own location.
func (d Days) index(t time.Time) (n int, within bool) {
	n = int(dateOf(t).Sub(d.first) / (24 * time.Hour))
	return n, !dateOf(t).Before(d.first) && n < d.count
}

// of gives the readings that fall on the days.
func (d Days) of(samples []glucose.Sample) []glucose.Sample {
	var within []glucose.Sample
	for _, s := range samples {
		if _, ok := d.index(s.Time); ok && isReading(s) {
			within = append(within, s)
		}
	}
	return within
}

// isReading tells what counts as a reading, as package glucose does.
func isReading(s glucose.Sample) bool { return s.MgDL >= 1 && s.MgDL <= 1000 }

// String is like 8 to 21 November 2026.
func (d Days) String() string { return d.in("January") }

func (d Days) short() string { return d.in("Jan") }

func (d Days) in(month string) string {
	first, last := d.first, d.date(d.count-1)
	begin, end := "2 "+month+" 2006", last.Format("2 "+month+" 2006")
	switch {
	case d.count == 1:
		return end
	case first.Year() == last.Year() && first.Month() == last.Month():
		begin = "2"
	case first.Year() == last.Year():
		begin = "2 " + month
	}
	return fmt.Sprintf("%s to %s", first.Format(begin), end)
}
