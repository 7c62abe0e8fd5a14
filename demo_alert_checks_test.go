package main

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// alertChecks are about the person's own alerts: their settings of now, and how
// often they went off.
func alertChecks() map[string]check {
	return map[string]check{
		"dexcom_alert_setting_mg_dl": func(p truth) want {
			high, low, _ := levels(p)
			set := p.Thresholds()
			return want{" alert=high": high, " alert=low": low, " alert=urgentLow": set.UrgentLow, " alert=urgentLowSoon": set.UrgentLowSoon}
		},
		"dexcom_alert_setting_mg_dl_per_minute": func(p truth) want {
			return want{" alert=rise": p.Thresholds().Rise, " alert=fall": p.Thresholds().Fall}
		},
		"dexcom_alert_setting_seconds": func(p truth) want {
			return want{" alert=outOfRange": p.Thresholds().OutOfRange.Seconds(), " alert=noReadings": p.Thresholds().NoReadings.Seconds()}
		},
		"dexcom_alert_setting_enabled": enabledOf,
		"dexcom_alert_snooze_seconds": func(p truth) want {
			_, _, snooze := levels(p)
			return want{" alert=high": snooze.Seconds(), " alert=low": snooze.Seconds(), " alert=urgentLow": 1800, " alert=urgentLowSoon": 1800}
		},
		"dexcom_alerts": alarmsOf,
	}
}

// alertsOf are the alerts that a person has; an odd phone has one of its own.
func alertsOf(p truth) []string {
	alerts := []string{"high", "low", "rise", "fall", "urgentLow", "urgentLowSoon", "outOfRange", "noReadings"}
	if p.Quirks {
		alerts = append(alerts, "unknown")
	}
	return alerts
}

// levels are the thresholds of the schedule that holds now.
func levels(p truth) (high, low float64, snooze time.Duration) {
	set := p.Thresholds()
	if night, two := p.NightSchedule(); two && night.Active(p.local(p.shown)) {
		return night.High, night.Low, night.Snooze
	}
	return set.High, set.Low, set.Snooze
}

// local is a moment on the person's clock.
func (p truth) local(t time.Time) time.Time {
	if p.Zone == nil {
		return t.UTC()
	}
	return t.In(p.Zone)
}

// enabledOf tells which alerts are on. Version 2 does not tell that they are
// silenced.
func enabledOf(p truth) want {
	quiet := p.version == dexcom.V3 && p.Silenced(p.asked)
	enabled := want{}
	for _, alert := range alertsOf(p) {
		on := !quiet && alert != "unknown" && (p.Thresholds().RiseFall || alert != "rise" && alert != "fall")
		enabled[" alert="+alert] = map[bool]float64{true: 1}[on]
	}
	return enabled
}

// alarmsOf counts what went off, snoozed or ended alarms not again. Version 2 tells
// none.
func alarmsOf(p truth) want {
	if p.version == dexcom.V2 {
		return nil
	}
	counts := want{}
	for window, length := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour} {
		if !p.heard(length) {
			continue
		}
		for _, alert := range alertsOf(p) {
			counts[" alert="+alert+" window="+window] = 0
		}
		for _, alarm := range p.Alarms(p.shown.Add(1-length), p.shown, p.asked) {
			if alarm.State == "activeAlarming" {
				counts[" alert="+alarm.Alert+" window="+window]++
			}
		}
	}
	return counts
}
