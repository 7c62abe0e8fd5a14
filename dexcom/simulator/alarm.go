package simulator

import (
	"cmp"
	"slices"
	"time"
)

// Alarm is the truth about one change of an alert's state: what a careful
// client should understand from the record that Dexcom sends.
type Alarm struct {
	RecordID   string    // a UUID, unique per person and change, or only per alarm
	SystemTime time.Time // UTC by the device's clock
	Alert      string    // Dexcom's alertName
	State      string    // activeAlarming, activeSnoozed, inactive, or unknown
	Uploaded   time.Time // when the display gave it to Dexcom
	Available  time.Time // the first instant at which the API returns it
}

// Alarms returns the changes with from <= SystemTime < to that the API returns
// at the instant now, in ascending order. They follow from the readings as the
// display gets them, and from the person's settings:
//
//   - An alarm goes off at a reading beyond its threshold (a high one at the
//     first after the delay), is snoozed by the person, goes off again after the
//     snooze if a reading is still beyond, and ends at a reading well back.
//   - Readings that are back-filled come too late for an alarm. After
//     Thresholds.OutOfRange without a sensor near, or Thresholds.NoReadings
//     without a value from it, that is an alarm of its own and ends the others.
//   - Nothing goes off while the alerts are silenced. A NightSchedule replaces
//     high and low only.
//   - What lasts from one midnight (UTC) to the next counts as a new alarm there.
//
// Whether the changes of one alarm share an id is not known: for half of the people
// with quirks all do from the first time it goes off until it ends, so that those by
// which it goes off again differ in their times alone.
func (p *Person) Alarms(from, to, now time.Time) []Alarm {
	var truth []Alarm
	for _, x := range p.alarms(ceil(from), ceil(to)) {
		if x.sent+p.lag() <= floor(now) {
			truth = append(truth, p.alarm(x))
		}
	}
	return truth
}

// The states of an alert
// (developer.dexcom.com/docs/dexcomv3/operation/getAlertsEventsV3).
const (
	alarming = "activeAlarming"
	snoozed  = "activeSnoozed"
	inactive = "inactive"
)

// ring is one change of an alert's state before anybody asks for it.
type ring struct {
	stamp
	key      int64 // unique for the person
	onset    int64 // key of the change by which the alarm began
	at, sent millis
	alert    string
	state    string
}

// alarms are the changes with a time from from until before to, ascending. No
// alarm knows of more than two days before it.
func (p *Person) alarms(from, to millis) []ring {
	from = max(from, p.since())
	end := to + slack
	w := p.watch((from.slot(day) - 2) * day)
	for x := range p.samples(w.since, end) {
		if _, apart := p.away().at(x.taken); !apart && !x.void {
			w.reading(x)
		}
	}
	w.silence(end)

	var rings []ring
	for _, r := range w.rings {
		r.stamp, r.sent = p.stamp(r.at, r.key), p.sent(r.at)
		if from <= r.system && r.system < to {
			rings = append(rings, r)
		}
	}
	slices.SortFunc(rings, func(a, b ring) int {
		return cmp.Or(cmp.Compare(a.system, b.system), cmp.Compare(a.key, b.key))
	})
	return rings
}

func (p *Person) alarm(x ring) Alarm {
	id := x.key
	if p.odd(forAlarmSharing, 0, 0.5) {
		id = x.onset
	}
	a := Alarm{
		RecordID:   uuid(p.Seed, forAlarmID, id),
		SystemTime: x.system.time(),
		Alert:      x.alert,
		State:      x.state,
		Uploaded:   x.sent.time(),
		Available:  (x.sent + p.lag()).time(),
	}
	switch {
	case p.odd(forAlarmQuirk, x.key, 0.04):
		a.State = "unknown"
	case x.alert == "urgentLow" && p.v2Covers() && p.odd(forAlarmQuirk, 0, 0.5):
		a.Alert = "fixedLow" // as older revisions of the documentation call it
	}
	return a
}
