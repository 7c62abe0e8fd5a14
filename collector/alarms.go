package collector

import (
	"context"
	"maps"
	"slices"
	"time"
)

// readAlarms reads the longest stretch that is shown; version 2 has no alarms.
func (s *apiSource) readAlarms(ctx context.Context) error {
	now := time.Now()
	list, err := s.client.Alarms(ctx, now.Add(-lastWeek.length()), now.Add(tolerance))
	if err == nil {
		replace(s.account, s.choresFor, "alerts", list, &s.account.alarms)
	}
	return err
}

func alarmRows() []row {
	return []row{
		gauge("dexcom_alerts", "Number of alarms that went off on the person's own device, in the window.", []string{"alert", "window"},
			func(s Snapshot, emit emit) {
				for _, window := range []lookback{lastDay, lastWeek} {
					counts := alarmsIn(s, window)
					for _, alert := range slices.Sorted(maps.Keys(counts)) {
						emit(float64(counts[alert]), alert, string(window))
					}
				}
			}),
	}
}

// alarmsIn counts by alert. What the person has an alert for and did not hear is
// 0; nothing is known before Dexcom was asked.
func alarmsIn(s Snapshot, window lookback) map[string]int {
	counts := map[string]int{}
	if s.Alarms == nil || !window.known(s) {
		return counts
	}
	for alert := range s.Alerts {
		counts[alert] = 0
	}
	for _, alarm := range s.Alarms {
		if window.has(alarm.Time, s.Now) {
			counts[alarm.Alert]++
		}
	}
	return counts
}
