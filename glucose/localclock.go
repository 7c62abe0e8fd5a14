package glucose

import "time"

// localClock is what the clock and the calendar of t's location show: the day,
// counted from 1 January 1970, and the time of day. Where the clock is put back an
// hour is there twice, as it is for people.
func localClock(t time.Time) (day int64, timeOfDay time.Duration) {
	const secondsOfDay = 24 * 60 * 60
	_, offset := t.Zone()
	seconds := t.Unix() + int64(offset)
	day = seconds / secondsOfDay
	if seconds%secondsOfDay < 0 {
		day--
	}
	return day, time.Duration(seconds-day*secondsOfDay) * time.Second
}
