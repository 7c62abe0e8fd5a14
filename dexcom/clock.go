package dexcom

import (
	"strconv"
	"strings"
	"time"
)

// parseTime reads a time as Dexcom writes it, which is wider than RFC 3339:
// no zone, no seconds, a space for the T, parts without leading zeros, and
// offsets with seconds such as -06:59:58 (clients; Go's own layouts misread the
// last, golang/go#68263). zoned tells whether an offset was there; without one
// the time is read as if it were UTC.
func parseTime(text string) (t time.Time, zoned, ok bool) {
	const longest = 64 // twice what Dexcom sends
	if len(text) > longest {
		return time.Time{}, false, false
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	date, clock, found := strings.Cut(text, "T")
	if !found {
		date, clock, found = strings.Cut(text, " ")
	}
	if !found {
		return time.Time{}, false, false
	}
	clock, offset, zoned, ok := cutOffset(clock)
	if !ok {
		return time.Time{}, false, false
	}
	year, month, day, ok := parseDate(date)
	if !ok {
		return time.Time{}, false, false
	}
	sinceMidnight, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false, false
	}
	midnight := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if midnight.Day() != day {
		return time.Time{}, false, false
	}
	t = midnight.Add(sinceMidnight - offset)
	if t.Year() < 1 || t.Year() > 9999 { // by its offset: nothing could read it back
		return time.Time{}, false, false
	}
	return t.In(time.FixedZone("", int(offset/time.Second))), zoned, true
}

// cutOffset splits "17:12:35-08:00" into its clock and its offset from UTC.
func cutOffset(text string) (clock string, offset time.Duration, zoned, ok bool) {
	if clock, found := strings.CutSuffix(text, "Z"); found {
		return clock, 0, true, true
	}
	i := strings.LastIndexAny(text, "+-")
	if i < 0 {
		return text, 0, false, true
	}
	offset, ok = parseClock(text[i+1:])
	if !ok || offset > 14*time.Hour {
		return "", 0, false, false
	}
	if text[i] == '-' {
		offset = -offset
	}
	return text[:i], offset, true, true
}

func parseDate(text string) (year, month, day int, ok bool) {
	parts := strings.Split(text, "-")
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	year, okYear := digits(parts[0], 9999)
	month, okMonth := digits(parts[1], 12)
	day, okDay := digits(parts[2], 31)
	return year, month, day, okYear && okMonth && okDay && month > 0 && day > 0
}

// parseClock reads "17:12:35.438", "17:12" and "0:05", and the offsets "0800"
// and "08", as the time since midnight.
func parseClock(text string) (time.Duration, bool) {
	if len(text) == 4 && !strings.Contains(text, ":") {
		text = text[:2] + ":" + text[2:]
	}
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return 0, false
	}
	units := [3]time.Duration{time.Hour, time.Minute, time.Second}
	bounds := [3]int{23, 59, 60} // 60 is a leap second
	var sum time.Duration
	for i, part := range parts {
		whole, fraction, hasFraction := strings.Cut(part, ".")
		n, ok := digits(whole, bounds[i])
		if !ok || hasFraction && i != 2 {
			return 0, false
		}
		sum += time.Duration(n) * units[i]
		if hasFraction {
			f, err := strconv.ParseFloat("0."+fraction, 64)
			if err != nil || fraction == "" || strings.Trim(fraction, "0123456789") != "" {
				return 0, false
			}
			sum += time.Duration(f * float64(time.Second)).Round(time.Microsecond)
		}
	}
	return sum, true
}

// digits reads an unsigned number of at most four digits that is not above bound.
func digits(text string, bound int) (int, bool) {
	if text == "" || len(text) > 4 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= bound
}

// displayTime combines what a device shows with its idea of UTC into a time
// whose offset a time zone can have. An offset that Dexcom sent is rounded to a
// quarter of an hour; for a receiver, which sends none, the difference of its
// two clocks is rounded to half an hour, because the rest is drift (clients).
// It is zero when the two are too far apart for any zone.
func displayTime(system, display time.Time, zoned bool) time.Time {
	offset, step := display.Sub(system), 30*time.Minute
	if zoned {
		_, seconds := display.Zone()
		offset, step = time.Duration(seconds)*time.Second, 15*time.Minute
	}
	offset = offset.Round(step)
	if offset < -12*time.Hour || offset > 14*time.Hour {
		return time.Time{}
	}
	return system.In(time.FixedZone("", int(offset/time.Second)))
}
