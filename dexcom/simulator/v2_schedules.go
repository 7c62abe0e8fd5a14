package simulator

import "time"

// v2Schedule is one of a device's alertScheduleList.
type v2Schedule struct {
	Settings v2ScheduleSettings `json:"alertScheduleSettings"`
	Alerts   []v2Alert          `json:"alertSettings"`
}

type v2ScheduleSettings struct {
	Name       string   `json:"alertScheduleName"`
	Enabled    bool     `json:"isEnabled"`
	Default    bool     `json:"isDefaultSchedule"`
	StartTime  string   `json:"startTime"`
	EndTime    string   `json:"endTime"`
	DaysOfWeek []string `json:"daysOfWeek"`
}

type v2Alert struct {
	Name        string  `json:"alertName"`
	Value       float64 `json:"value"`
	Unit        string  `json:"unit"`
	Snooze      *int    `json:"snooze"` // minutes
	Enabled     bool    `json:"enabled"`
	SystemTime  string  `json:"systemTime"`
	DisplayTime string  `json:"displayTime"`
}

// v2Schedules are the same settings as version 3's, told with fewer words.
func (p *Person) v2Schedules(now time.Time) []v2Schedule {
	var schedules []v2Schedule
	for _, s := range p.v3Schedules(now) {
		schedule := v2Schedule{Settings: v2ScheduleSettings{
			Name:       s.Settings.Name,
			Enabled:    s.Settings.Enabled,
			Default:    s.Settings.Default,
			StartTime:  s.Settings.StartTime,
			EndTime:    s.Settings.EndTime,
			DaysOfWeek: s.Settings.DaysOfWeek,
		}}
		for _, a := range s.Alerts {
			schedule.Alerts = append(schedule.Alerts, p.v2Alert(a))
		}
		if p.Quirks {
			schedule.Alerts = append(schedule.Alerts, p.outdated(schedule.Alerts[0]))
		}
		schedules = append(schedules, schedule)
	}
	return schedules
}

// outdated is a setting as it was some days before, which Dexcom at times tells
// beside the one that holds.
func (p *Person) outdated(a v2Alert) v2Alert {
	set := p.v2Moment((p.settled() - day - p.spread(forThresholds, 8, 30*day)).time())
	a.SystemTime, a.DisplayTime = set.SystemTime, set.DisplayTime
	a.Value, a.Enabled = a.Value-10, !a.Enabled
	return a
}

// v2Alert is a setting. Clients have seen two oddities: rates in minutes, and a
// snooze of 28 minutes.
func (p *Person) v2Alert(a v3Alert) v2Alert {
	const wallClock = len("2006-01-02T15:04:05")
	b := v2Alert{
		Name:        a.Name,
		Value:       a.Value,
		Unit:        a.Unit,
		Snooze:      a.Snooze,
		Enabled:     a.Enabled,
		SystemTime:  a.SystemTime[:wallClock],
		DisplayTime: a.DisplayTime[:wallClock],
	}
	if p.Quirks && a.Unit == "mg/dL/min" {
		b.Unit = "minutes"
	}
	if p.Quirks && a.Name == "urgentLow" {
		odd := 28
		b.Snooze = &odd
	}
	return b
}
