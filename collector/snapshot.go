package collector

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// Snapshot is what is known of one person at one moment. It is the reader's own:
// nothing in it changes.
type Snapshot struct {
	Standing

	// ClockSkew is how far the device's clock was ahead of ours when its newest
	// reading arrived; never negative.
	ClockSkew time.Duration
	// Transmitter and its start; the start is zero when unknown.
	Transmitter      dexcom.Generation
	TransmitterStart time.Time
	// Devices are the kinds of device, each once, with its newest upload.
	Devices []dexcom.Device
	// Alerts are the person's own alert settings that hold now, by alert.
	Alerts map[string]dexcom.AlertSetting
	Ranges dexcom.DataRange
	// Arrivals counts readings by glucose.Range as they arrived.
	Arrivals [5]uint64
	// Replay is the newest reading of ReplayLag ago; it means nothing without
	// HasReplay. ReplayMissed counts those that arrived too late for that.
	Replay       Reading
	HasReplay    bool
	ReplayLag    time.Duration
	ReplayMissed uint64
	// Calibrations are what Dexcom had of the last weeks when it answered last,
	// oldest first. CalibrationsKnown says that this was not long ago.
	Calibrations      []dexcom.Calibration
	CalibrationsKnown bool
	// Events and Alarms are what Dexcom has of the last weeks, oldest first, and nil
	// where it has not told lately. They must not be changed.
	Events []dexcom.Event
	Alarms []dexcom.Alarm
	// EventKinds are the kinds of events that may leave the program.
	EventKinds []string
	// Figures are the statistics of each window that the history reaches, the shortest
	// first; they must not be changed. Profile is that of the person's day, over all
	// that the history keeps; nil where it is not wanted.
	Figures []Figures
	Profile *glucose.Profile
	// Statistics are Dexcom's own; nil where it gives none.
	Statistics *dexcom.Statistics
}

// SensorExpiry is when the sensor ends, without the grace period, where it is one
// piece with its transmitter. It is false for other generations, and once the
// grace period of 12 hours is over too.
func (s Snapshot) SensorExpiry() (time.Time, bool) {
	const grace = 12 * time.Hour
	life := s.Transmitter.SensorLife()
	expiry := s.TransmitterStart.Add(life)
	if life == 0 || s.TransmitterStart.IsZero() || s.Now.After(expiry.Add(grace)) {
		return time.Time{}, false
	}
	return expiry, true
}

// snapshot copies what is known at a moment.
func (a *account) snapshot(now time.Time) Snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Snapshot{
		Standing:         a.standingAt(now),
		Transmitter:      a.transmitter.generation,
		TransmitterStart: a.transmitter.start,
		ClockSkew:        a.clockSkew,
		Arrivals:         a.arrivals.shown.byRange,
		ReplayLag:        a.settings.ReplayLag,
		ReplayMissed:     a.arrivals.shown.missed,
		EventKinds:       a.settings.Events,
	}
	figured := a.figure(now)
	s.Figures, s.Profile = figured.windows, figured.profile
	s.Replay, s.HasReplay = a.history.replay(now.Add(-s.ReplayLag))
	if !a.both.mismatch { // else the API tells of another person
		a.describe(&s)
	}
	return s
}

// describe adds what the API tells of the person beside readings. The caller holds
// mu.
func (a *account) describe(s *Snapshot) {
	s.Devices, s.Ranges = mergeDevices(a.devices), a.ranges
	s.Calibrations, s.CalibrationsKnown = a.calibrations, a.recent("calibrations", s.Now)
	if a.recent("events", s.Now) {
		s.Events = a.events
	}
	if a.recent("alerts", s.Now) {
		s.Alarms = a.alarms
	}
	if a.recent("statistics", s.Now) {
		s.Statistics = a.statistics
	}
	switch {
	case s.Clock != nil:
		s.Alerts = alertSettings(a.devices, s.Now.In(s.Clock))
	case s.HasNewest:
		s.Alerts = alertSettings(a.devices, s.Now.UTC()) // rather than none
	}
}

// recent tells whether an endpoint answered lately: what an older answer says of
// the last day would be 0 before long. The caller holds mu.
func (a *account) recent(endpoint string, now time.Time) bool {
	const lately = 3 * time.Hour // of which several requests fail before
	return now.Sub(a.answered[endpoint]) < lately
}

// mergeDevices leaves one device of those that look alike from outside, the one
// with the newest upload, in a stable order.
func mergeDevices(devices []dexcom.Device) []dexcom.Device {
	byKind := func(a, b dexcom.Device) int {
		return cmp.Or(
			cmp.Compare(a.Generation, b.Generation),
			strings.Compare(a.Display, b.Display),
			strings.Compare(a.App, b.App),
		)
	}
	sorted := slices.SortedFunc(slices.Values(devices), func(a, b dexcom.Device) int {
		return cmp.Or(byKind(a, b), b.LastUpload.Compare(a.LastUpload))
	})
	return slices.CompactFunc(sorted, func(a, b dexcom.Device) bool { return byKind(a, b) == 0 })
}

// alertSettings joins the settings of all devices; of two for the same alert the
// newer counts.
func alertSettings(devices []dexcom.Device, local time.Time) map[string]dexcom.AlertSetting {
	all := map[string]dexcom.AlertSetting{}
	for _, device := range devices {
		for alert, setting := range device.AlertSettings(local) {
			if before, found := all[alert]; !found || before.Time.Before(setting.Time) {
				all[alert] = setting
			}
		}
	}
	return all
}
