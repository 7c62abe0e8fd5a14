package glucose

import "time"

// Days is the number of calendar days that have a reading, each day as the
// location of its samples has it.
func Days(samples []Sample) int {
	days := map[int64]struct{}{}
	var last int64
	for _, s := range samples {
		if !s.isReading() {
			continue
		}
		day, _ := localClock(s.Time)
		if len(days) == 0 || day != last { // the map is slow, and a day has 288 readings
			days[day], last = struct{}{}, day
		}
	}
	return len(days)
}

// Utilization is the number of readings to that of a sensor that misses none, on
// the days that have readings, as Dexcom's utilizationPercent counts it
// (POST /v2/users/self/statistics). It is 0 without days and above 1 on a day of
// 25 hours.
func Utilization(readings, days int) float64 {
	return share(readings, days*int(24*time.Hour/Interval))
}
