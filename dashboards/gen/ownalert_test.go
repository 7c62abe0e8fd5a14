package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
)

func TestOwnAlertsAreShownOnOrOff(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	set := func(metric, alert string, value, enabled float64) {
		for _, job := range []string{"a", "b"} {
			series[fmt.Sprintf("%s{account=%q,alert=%q,job=%q}", metric, person, alert, job)] = held(value)
			series[fmt.Sprintf("dexcom_alert_setting_enabled{account=%q,alert=%q,job=%q}", person, alert, job)] = held(enabled)
		}
	}
	set("dexcom_alert_setting_mg_dl", "low", 75, 1)
	set("dexcom_alert_setting_mg_dl", "high", 240, 0)
	set("dexcom_alert_setting_mg_dl_per_minute", "fall", 3, 1)
	set("dexcom_alert_setting_seconds", "outOfRange", 1200, 0)
	series[`dexcom_alert_snooze_seconds{account="gina",alert="low"}`] = held(1800)
	series[`dexcom_alerts{account="gina",alert="rise",window="7d"}`] = held(4)
	series[`dexcom_alerts{account="gina",alert="rise",window="24h"}`] = held(1)
	is := func(state string, value float64) map[string]float64 {
		return map[string]float64{fmt.Sprintf(`{account="gina", state=%q}`, state): value}
	}
	snoozes, alarms := make([]map[string]float64, 9), make([]map[string]float64, 9)
	snoozes[3], alarms[6] = map[string]float64{`{account="gina"}`: 1800}, map[string]float64{`{account="gina"}`: 4}
	var moments []moment
	for _, u := range units() {
		moments = append(moments,
			moment{series, asks(alertLevelPanel(), u, nil, nil, nil, is("on", 75/u.mgdl), is("off", 240/u.mgdl))},
			moment{series, asks(alertRatePanel(), u, is("on", 3/u.mgdl), nil)},
			moment{series, asks(alertTimePanel(), u, is("off", 1200), nil)},
			moment{series, asks(snoozePanel(), u, snoozes...)},
			moment{series, asks(alarmPanel(), u, alarms...)},
		)
	}
	check(t, moments)
}

func TestEveryAlertHasWords(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, said []string
	for _, name := range regexp.MustCompile("`(\\w+)`").FindAllSubmatch(regexp.MustCompile("(?m)^- `alert`:(.*)$").FindSubmatch(documents)[1], -1) {
		if string(name[1]) != "unknown" {
			documented = append(documented, string(name[1]))
		}
	}
	for _, a := range allAlerts() {
		said = append(said, a.label)
	}
	slices.Sort(documented)
	slices.Sort(said)
	if !slices.Equal(documented, said) {
		t.Errorf("documented %v, in words %v", documented, said)
	}
}
