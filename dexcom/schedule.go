package dexcom

import (
	"maps"
	"strings"
	"time"
)

// AlertSchedule is a set of alert settings and when they hold, on the person's
// own clock.
type AlertSchedule struct {
	// Default schedules hold when no other one does.
	Default bool
	// Enabled means something for schedules that are not the default.
	Enabled bool
	// Start and End are counted from local midnight. A schedule whose end is not
	// after its start runs past midnight; equal ones last a whole day.
	Start, End time.Duration
	// Days are the days on which the schedule starts, by [time.Weekday].
	Days [7]bool
	// QuietUntil is the end of an override that silences every alert; zero when
	// there is none.
	QuietUntil time.Time
	// QuietOnWallClock says that QuietUntil came without a zone, as receivers send
	// their times: it is what the person's clock shows then, written as UTC.
	QuietOnWallClock bool
	Settings         []AlertSetting
}

// Holds tells whether the schedule covers a moment on the person's clock. The
// hours after midnight belong to the day on which the schedule started.
func (s AlertSchedule) Holds(local time.Time) bool {
	if s.Default {
		return true
	}
	hour, minute, second := local.Clock()
	now := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	today, yesterday := local.Weekday(), (local.Weekday()+6)%7
	switch {
	case !s.Enabled:
		return false
	case s.Start < s.End:
		return s.Days[today] && s.Start <= now && now < s.End
	}
	return s.Days[today] && now >= s.Start || s.Days[yesterday] && now < s.End
}

// Quiet tells whether an override silences the alerts at a moment on the person's
// clock.
func (s AlertSchedule) Quiet(local time.Time) bool {
	if s.QuietOnWallClock {
		_, ahead := local.Zone()
		local = local.Add(time.Duration(ahead) * time.Second)
	}
	return local.Before(s.QuietUntil)
}

// AlertSettings gives the settings that hold at a moment on the person's clock:
// those of the default schedule, and over them those of each schedule that holds
// then. Of two for the same alert in one schedule the newer counts (clients saw
// doubles). While an override is quiet no alert is enabled.
func (d Device) AlertSettings(local time.Time) map[string]AlertSetting {
	settings := map[string]AlertSetting{}
	for _, isDefault := range []bool{true, false} {
		for _, schedule := range d.Schedules {
			if schedule.Default == isDefault && schedule.Holds(local) {
				schedule.overlay(settings, local)
			}
		}
	}
	return settings
}

func (s AlertSchedule) overlay(settings map[string]AlertSetting, local time.Time) {
	quiet := s.Quiet(local)
	own := map[string]AlertSetting{}
	for _, setting := range s.Settings {
		if before, doubled := own[setting.Alert]; doubled && before.Time.After(setting.Time) {
			continue
		}
		setting.Enabled = setting.Enabled && !quiet
		own[setting.Alert] = setting
	}
	maps.Copy(settings, own)
}

type wireSchedule struct {
	Settings struct {
		IsEnabled         wireBool           `json:"isEnabled"`
		IsDefaultSchedule wireBool           `json:"isDefaultSchedule"`
		StartTime         wireText           `json:"startTime"`
		EndTime           wireText           `json:"endTime"`
		DaysOfWeek        wireList[wireText] `json:"daysOfWeek"`
		Override          struct {
			IsOverrideEnabled wireBool `json:"isOverrideEnabled"`
			Mode              wireText `json:"mode"`
			EndTime           wireTime `json:"endTime"`
		} `json:"override"`
	} `json:"alertScheduleSettings"`
	AlertSettings wireList[wireSetting] `json:"alertSettings"`
}

// schedule reads one of a device's schedules; only says that it has no other.
func (w wireSchedule) schedule(only bool) AlertSchedule {
	s := AlertSchedule{Default: w.Settings.IsDefaultSchedule.value, Enabled: w.Settings.IsEnabled.value}
	if !w.Settings.IsDefaultSchedule.ok {
		// One of Dexcom's own samples leaves the flag out of its only schedule.
		s.Default = only
	}
	var okStart, okEnd bool
	s.Start, okStart = timeOfDay(string(w.Settings.StartTime))
	s.End, okEnd = timeOfDay(string(w.Settings.EndTime))
	s.Enabled = s.Enabled && okStart && okEnd
	for _, name := range w.Settings.DaysOfWeek {
		for day := time.Sunday; day <= time.Saturday; day++ {
			s.Days[day] = s.Days[day] || strings.EqualFold(day.String(), string(name))
		}
	}
	override := w.Settings.Override
	if override.IsOverrideEnabled.value && strings.EqualFold(string(override.Mode), "quiet") {
		s.QuietUntil, s.QuietOnWallClock = override.EndTime.time, !override.EndTime.zoned
		if !override.EndTime.ok {
			s.QuietUntil, s.QuietOnWallClock = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC), false // until further notice
		}
	}
	for _, setting := range w.AlertSettings {
		s.Settings = append(s.Settings, setting.setting())
	}
	return s
}

// timeOfDay reads "22:00", "0:00" and "10:00 PM" (clients) as the time since
// midnight.
func timeOfDay(text string) (time.Duration, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	clock, afternoon := strings.CutSuffix(text, "PM")
	clock, morning := strings.CutSuffix(clock, "AM")
	sinceMidnight, ok := parseClock(strings.TrimSpace(clock))
	if !ok || !afternoon && !morning {
		return sinceMidnight, ok
	}
	if sinceMidnight >= 12*time.Hour { // 12:30 AM is half past midnight
		sinceMidnight -= 12 * time.Hour
	}
	if afternoon {
		sinceMidnight += 12 * time.Hour
	}
	return sinceMidnight, true
}
