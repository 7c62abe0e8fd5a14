package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// ownAlertRow is how the person set the alerts of the Dexcom app.
func ownAlertRow() row {
	off := []dashboard.DynamicConfigValue{fixedColour(grey)}
	perMinute := []dashboard.DynamicConfigValue{{Id: "decimals", Value: 2}}
	return row{title: "Own alerts", panels: []cog.Builder[dashboard.Panel]{
		inUnits(figure(alertLevelPanel())).OverrideByRegexp("/, off/", off),
		figure(alertRatePanel()).OverrideByRegexp("/, off/", off).OverrideByRegexp("/a minute$/", perMinute),
		figure(alertTimePanel()).Unit("s").Decimals(0).OverrideByRegexp("/, off/", off),
		figure(snoozePanel()).Unit("s").Decimals(0),
		figure(alarmPanel()).Decimals(0),
	}}
}

// Where alerts are unknown.
const noAlerts = "unknown: the official API alone tells the alerts of an account, and not of every device"

// alertName is one of Dexcom's alerts in words.
type alertName struct{ label, words string }

func levelAlerts() []alertName {
	return []alertName{{"urgentLow", "urgent low"}, {"urgentLowSoon", "urgent low soon"}, {"fixedLow", "fixed low"}, {"low", "low"}, {"high", "high"}}
}

func rateAlerts() []alertName { return []alertName{{"fall", "falls fast"}, {"rise", "rises fast"}} }

func timeAlerts() []alertName {
	return []alertName{{"outOfRange", "signal loss"}, {"noReadings", "no readings"}}
}

func allAlerts() []alertName { return append(append(levelAlerts(), rateAlerts()...), timeAlerts()...) }

// setting is that of an alert, with the label state: on or off.
func setting(metric string, a alertName) string {
	matcher := fmt.Sprintf("alert=%q", a.label)
	value, enabled := latest(metric, matcher), latest("dexcom_alert_setting_enabled", matcher)
	return first(labelled(both(value, enabled+" == 1"), "state", "on"), labelled(both(value, enabled+" == 0"), "state", "off"))
}

func settings(metric, in, end string, alerts []alertName) []query {
	var queries []query
	for _, a := range alerts {
		queries = append(queries, query{expr: "(" + setting(metric, a) + ")" + in, legend: a.words + ", {{state}}" + end})
	}
	return queries
}

func alertLevelPanel() about {
	return about{
		title: "Alert levels, " + unitName, width: 10, height: 5,
		description: "Below or above what does the person's phone or receiver alert, by the schedule that applies now? Grey: switched off there.",
		empty:       noAlerts,
		queries:     settings("dexcom_alert_setting_mg_dl", inUnit, " · "+unitName, levelAlerts()),
	}
}

func alertRatePanel() about {
	return about{
		title: "Alert rates, " + unitName + " a minute", width: 5, height: 5,
		description: "From which rate on does the phone or receiver alert that glucose falls or rises fast? Grey: switched off there.",
		empty:       noAlerts,
		queries:     settings("dexcom_alert_setting_mg_dl_per_minute", inUnit, " · "+unitName+" a minute", rateAlerts()),
	}
}

func alertTimePanel() about {
	return about{
		title: "Alerts of missing data", width: 4, height: 5,
		description: "After how long without data does the phone or receiver alert? Grey: switched off there.",
		empty:       noAlerts,
		queries:     settings("dexcom_alert_setting_seconds", "", "", timeAlerts()),
	}
}

func snoozePanel() about {
	var queries []query
	for _, a := range levelAlerts() { // the others have none
		queries = append(queries, query{expr: latest("dexcom_alert_snooze_seconds", fmt.Sprintf("alert=%q", a.label)), legend: a.words})
	}
	return about{
		title: "Snooze", width: 5, height: 5,
		description: "How long is an alert quiet after the person has acknowledged it?",
		empty:       noAlerts,
		queries:     queries,
	}
}

func alarmPanel() about {
	var queries []query
	for _, a := range allAlerts() {
		queries = append(queries, query{expr: latest("dexcom_alerts", fmt.Sprintf("alert=%q", a.label), `window="7d"`), legend: a.words})
	}
	return about{
		title: "Alarms that went off in 7 days", width: 24, height: 4,
		description: "How often did which alert go off on the person's device? 0: it stayed silent.",
		empty:       "unknown: version 3 of the official API alone tells, and only of weeks with an upload",
		queries:     queries,
	}
}
