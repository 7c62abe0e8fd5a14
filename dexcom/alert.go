package dexcom

import (
	"math"
	"time"
)

// Measure is what the value of an alert's setting measures.
type Measure uint8

// The measures. Dexcom sends a unit beside the value, which clients have seen
// wrong; the alert's name says it as well.
const (
	NoMeasure       Measure = iota
	MeasureMgDL             // a glucose level, in mg/dL
	MeasureRate             // a change, in mg/dL per minute, never negative
	MeasureDuration         // a time without data, in seconds
)

// AlertSetting is one alert of a person's own settings.
type AlertSetting struct {
	Alert    string // one of Alerts
	Enabled  bool
	Value    float64 // in the unit of Measure, above 0; 0 without HasValue
	HasValue bool
	Snooze   time.Duration // up to a day; 0 when there is none
	Time     time.Time     // when it was set; zero when unknown
}

// Alerts lists every value of [AlertSetting.Alert]
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3; fixedLow in older revisions).
func Alerts() []string {
	return []string{
		unknown, "high", "low", "rise", "fall", "outOfRange",
		"urgentLow", "urgentLowSoon", "noReadings", "fixedLow",
	}
}

// Measure tells what the setting's value measures.
func (s AlertSetting) Measure() Measure {
	switch s.Alert {
	case "high", "low", "urgentLow", "urgentLowSoon", "fixedLow":
		return MeasureMgDL
	case "rise", "fall":
		return MeasureRate
	case "outOfRange", "noReadings":
		return MeasureDuration
	}
	return NoMeasure
}

type wireSetting struct {
	AlertName  wireText   `json:"alertName"`
	Value      wireNumber `json:"value"`
	Unit       wireText   `json:"unit"`
	Snooze     wireNumber `json:"snooze"` // minutes
	Enabled    wireBool   `json:"enabled"`
	SystemTime wireTime   `json:"systemTime"`
}

func (w wireSetting) setting() AlertSetting {
	s := AlertSetting{Alert: oneOf(Alerts(), string(w.AlertName)), Enabled: w.Enabled.value}
	s.Time, _ = w.SystemTime.systemTime()
	if minutes := w.Snooze.value; minutes > 0 && minutes <= 24*60 {
		s.Snooze = time.Duration(minutes * float64(time.Minute))
	}
	if value := w.measured(s.Measure()); value > 0 && value <= s.Measure().most() {
		s.Value, s.HasValue = value, true
	}
	return s
}

// measured is the value in the unit of its measure; 0 when there is none.
func (w wireSetting) measured(measure Measure) float64 {
	switch measure {
	case MeasureMgDL:
		return inMgDL(w.Value.value, string(w.Unit))
	case MeasureRate:
		return math.Abs(inMgDL(w.Value.value, string(w.Unit))) // a fall is -2 at times (clients)
	case MeasureDuration:
		return w.Value.value * time.Minute.Seconds()
	case NoMeasure:
	}
	return 0
}

// most is beyond every device: what is higher is no setting.
func (m Measure) most() float64 {
	switch m {
	case MeasureMgDL:
		return 1000
	case MeasureRate:
		return 100
	case MeasureDuration:
		return (24 * time.Hour).Seconds()
	case NoMeasure:
	}
	return 0
}
