package simulator

import (
	"strings"
	"time"
)

// v3Schedule is one of a device's alertSchedules.
type v3Schedule struct {
	Settings v3ScheduleSettings `json:"alertScheduleSettings"`
	Alerts   []v3Alert          `json:"alertSettings"`
}

type v3ScheduleSettings struct {
	Name       string      `json:"alertScheduleName"`
	Enabled    bool        `json:"isEnabled"`
	Default    bool        `json:"isDefaultSchedule"`
	StartTime  string      `json:"startTime"`
	EndTime    string      `json:"endTime"`
	DaysOfWeek []string    `json:"daysOfWeek"`
	Active     bool        `json:"isActive"`
	Override   *v3Override `json:"override"`
}

type v3Override struct {
	Enabled bool   `json:"isOverrideEnabled"`
	Mode    string `json:"mode"`
	EndTime string `json:"endTime"`
}

type v3Alert struct {
	Name        string   `json:"alertName"`
	Value       float64  `json:"value"`
	Unit        string   `json:"unit"`
	Snooze      *int     `json:"snooze"` // minutes
	Enabled     bool     `json:"enabled"`
	SystemTime  string   `json:"systemTime"`
	DisplayTime string   `json:"displayTime"`
	Delay       *int     `json:"delay"` // minutes
	Secondary   *float64 `json:"secondaryTriggerCondition"`
	SoundTheme  string   `json:"soundTheme"`
	SoundOutput string   `json:"soundOutputMode"`
}

func (p *Person) v3Schedules(now time.Time) []v3Schedule {
	local := now.In(p.zone())
	night, two := p.NightSchedule()
	asleep := two && night.Active(local)
	schedules := []v3Schedule{{
		Settings: v3ScheduleSettings{
			Default:    true,
			StartTime:  p.clockWord(0),
			EndTime:    p.clockWord(0),
			DaysOfWeek: p.weekdays(allDays()),
			Active:     !asleep,
			Override:   p.v3Override(local),
		},
		Alerts: p.v3Alerts(p.Thresholds()),
	}}
	if two {
		schedules = append(schedules, p.v3NightSchedule(night, asleep))
	}
	return schedules
}

func (p *Person) v3NightSchedule(n NightSchedule, active bool) v3Schedule {
	return v3Schedule{
		Settings: v3ScheduleSettings{
			Name:       "Night",
			Enabled:    true,
			StartTime:  p.clockWord(n.From),
			EndTime:    p.clockWord(n.To),
			DaysOfWeek: p.weekdays(n.Days),
			Active:     active,
		},
		Alerts: []v3Alert{
			p.v3Alert("high", n.High, "mg/dL", n.Snooze),
			p.v3Alert("low", n.Low, "mg/dL", n.Snooze),
		},
	}
}

func (p *Person) v3Override(local time.Time) *v3Override {
	end, on, ok := p.override(local)
	if !ok {
		return nil
	}
	layout := "2006-01-02T15:04:05.000-07:00"
	if p.display() == Receiver { // which sends no offsets
		layout = "2006-01-02T15:04:05.000"
	}
	return &v3Override{on, "quiet", end.Format(layout)}
}

func (p *Person) v3Alerts(t Thresholds) []v3Alert {
	const halfHour = 30 * time.Minute
	high := p.v3Alert("high", t.High, "mg/dL", t.Snooze)
	delay := 60
	high.Delay = &delay
	rise := p.v3Alert("rise", t.Rise, "mg/dL/min", 0)
	fall := p.v3Alert("fall", t.Fall, "mg/dL/min", 0)
	above, below := 180.0, 100.0
	rise.Enabled, rise.Secondary = t.RiseFall, &above
	fall.Enabled, fall.Secondary = t.RiseFall, &below
	alerts := []v3Alert{high, p.v3Alert("low", t.Low, "mg/dL", t.Snooze)}
	if p.Sensor != OnePlus { // which has none of these
		alerts = append(alerts, rise, fall, p.v3Alert("urgentLow", t.UrgentLow, "mg/dL", halfHour))
		if p.Sensor != G5 {
			alerts = append(alerts, p.v3Alert("urgentLowSoon", t.UrgentLowSoon, "mg/dL", halfHour))
		}
	}
	return append(alerts,
		p.v3Alert("outOfRange", t.OutOfRange.Minutes(), "minutes", 0),
		p.v3Alert("noReadings", t.NoReadings.Minutes(), "minutes", 0))
}

// settled is when the settings were made, in the month before the data begins.
func (p *Person) settled() millis {
	return (p.since() - p.spread(forThresholds, 7, 30*day)).wholeSeconds()
}

func (p *Person) v3Alert(name string, value float64, unit string, snooze time.Duration) v3Alert {
	set := p.v3Moment(p.settled().time())
	a := v3Alert{
		Name:        name,
		Value:       value,
		Unit:        unit,
		Enabled:     true,
		SystemTime:  set.SystemTime,
		DisplayTime: set.DisplayTime,
		SoundTheme:  "modern",
		SoundOutput: "match",
	}
	if snooze > 0 {
		minutes := int(snooze.Minutes())
		a.Snooze = &minutes
	}
	return a
}

// weekdays are the names of days. People with quirks have one more day, without a
// name.
func (p *Person) weekdays(days []time.Weekday) []string {
	var names []string
	for _, d := range days {
		names = append(names, strings.ToLower(d.String()))
	}
	if p.Quirks {
		names = append(names, "")
	}
	return names
}

// clockWord writes a time of day as "22:30" and "06:30". People with quirks write
// "6:30", or "10:30 PM" and "6:30 AM", as clients have seen.
func (p *Person) clockWord(d time.Duration) string {
	t, word := time.Time{}.Add(d), "15:04"
	switch {
	case p.odd(forClockWord, 0, 0.5):
		word = "3:04 PM"
	case p.Quirks:
		return strings.TrimPrefix(t.Format(word), "0")
	}
	return t.Format(word)
}
