package web

import "time"

// clock is that of an account's person: their times are said by it.
type clock struct {
	zone  *time.Location
	today time.Time
}

// clockOf is UTC where nobody knows the person's.
func clockOf(zone *time.Location, now time.Time) clock {
	if zone == nil {
		zone = time.UTC
	}
	return clock{zone, now.In(zone)}
}

// at writes a time as when something was: "at 02:14 on 28 Feb".
func (c clock) at(t time.Time) string { return "at " + c.time(t) }

// time writes a time, with its date where that is not today's: "02:14 on 28 Feb".
func (c clock) time(t time.Time) string {
	t = t.In(c.zone)
	switch {
	case t.Year() != c.today.Year():
		return t.Format("15:04 on 2 Jan 2006")
	case t.YearDay() != c.today.YearDay():
		return t.Format("15:04 on 2 Jan")
	}
	return t.Format("15:04")
}

// String names the clock by its offset, and by its zone where that has a name.
func (c clock) String() string {
	offset := c.today.Format("UTC-07:00")
	if c.today.Format("-07:00") == "+00:00" {
		offset = "UTC"
	}
	if name := c.zone.String(); name != "" && name != "UTC" && name != "Local" {
		return name + ", " + offset
	}
	return offset
}
