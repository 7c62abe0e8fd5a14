package dexcom

import (
	"context"
	"errors"
	"time"
)

// Alarm is an alert that went off.
type Alarm struct {
	// ID is the record's own name, as in [Reading], except that the alarms of one
	// alert may share it.
	ID string
	// Time is the device's idea of UTC when it went off: it drifts, and may lie in
	// the future.
	Time time.Time
	// Alert is one of [Alerts].
	Alert string
}

var errNoAlerts = errors.New("version 2 of the API has no alerts")

// alertChange is a change of an alert's state, which Dexcom keeps a record of.
type alertChange struct {
	Alarm

	alarming bool
}

// wireAlertChange is a record of GET /v3/users/self/alerts.
type wireAlertChange struct {
	RecordID   wireText `json:"recordId"`
	SystemTime wireTime `json:"systemTime"`
	AlertName  wireText `json:"alertName"`
	AlertState wireText `json:"alertState"`
}

// Alarms reads the alerts that went off with from <= system time < to, both widened
// to whole seconds, oldest first and each once; one that went off again after a
// snooze is another, maybe with the same ID. That an alert was snoozed or ended is
// none. It asks and fails as [Client.EGVs] does; for a client of version 2 it
// fails with [ReasonOther].
// (developer.dexcom.com/docs/dexcomv3/operation/getAlertsEventsV3)
func (c *Client) Alarms(ctx context.Context, from, to time.Time) (List[Alarm], error) {
	if c.version == V2 {
		return List[Alarm]{}, &Error{Op: "alerts", Reason: ReasonOther, Err: errNoAlerts}
	}
	list, err := fetchWindows(ctx, c, "alerts", from, to, decodeAlertChanges)
	if err != nil {
		return List[Alarm]{}, err
	}
	return List[Alarm]{UserID: list.UserID, Records: alarms(list.Records), Skipped: list.Skipped}, nil
}

func decodeAlertChanges(version Version, body []byte) (List[alertChange], error) {
	return decodeList(body, version.listKey("alerts"), nil, parseAlertChange)
}

func parseAlertChange(w wireAlertChange) (alertChange, string) {
	systemTime, ok := w.SystemTime.systemTime()
	if !ok {
		return alertChange{}, SkipTime
	}
	alarm := Alarm{ID: string(w.RecordID), Time: systemTime, Alert: oneOf(Alerts(), string(w.AlertName))}
	return alertChange{Alarm: alarm, alarming: squeezed(string(w.AlertState)) == "activealarming"}, ""
}

// alarms are the changes by which an alert went off. Whether the changes of one
// alert share an id is not known: one that goes off again after a snooze may have
// the id of the first time.
func alarms(changes []alertChange) []Alarm {
	var sounded []Alarm
	for _, change := range changes {
		if change.alarming {
			sounded = append(sounded, change.Alarm)
		}
	}
	oldestFirst(sounded, func(a Alarm) (time.Time, string) { return a.Time, a.ID })
	return once(sounded, Alarm.name)
}

// name tells alarms apart: by their ids and times, or by all else without.
func (a Alarm) name() Alarm {
	if a.ID != "" {
		return Alarm{ID: a.ID, Time: a.Time}
	}
	return a
}
