package collector

import (
	"maps"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestAlarms(t *testing.T) {
	const day = 24 * time.Hour
	rang := func(alert string, before time.Duration) dexcom.Alarm {
		return dexcom.Alarm{Alert: alert, Time: noon().Add(-before)}
	}
	settings := []dexcom.Device{{Generation: dexcom.G7, Schedules: []dexcom.AlertSchedule{{
		Default: true, Settings: []dexcom.AlertSetting{{Alert: "low", Enabled: true}, {Alert: "high"}},
	}}}}
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			devices []dexcom.Device
			alarms  []dexcom.Alarm
			want    map[string]float64
		}{
			"none, and no settings": {nil, nil, map[string]float64{}},
			"none":                  {settings, nil, map[string]float64{"low 24h": 0, "low 7d": 0, "high 24h": 0, "high 7d": 0}},
			"without settings":      {nil, []dexcom.Alarm{rang("low", time.Hour)}, map[string]float64{"low 24h": 1, "low 7d": 1}},
			"the edges": {nil, []dexcom.Alarm{
				rang("low", 7*day), rang("low", 7*day-time.Millisecond), rang("low", day), rang("low", day-time.Millisecond),
				rang("low", -tolerance), rang("low", -tolerance-time.Millisecond),
			}, map[string]float64{"low 24h": 2, "low 7d": 4}},
			"beside the settings": {settings, []dexcom.Alarm{rang("low", 2*day), rang("unknown", time.Hour)}, map[string]float64{
				"low 24h": 0, "low 7d": 1, "high 24h": 0, "high 7d": 0, "unknown 24h": 1, "unknown 7d": 1,
			}},
		} {
			c, a := alone(t)
			a.absorbNow(ago(time.Minute, 100)) // what is known reaches until now
			replace(a, 0, "devices", dexcom.List[dexcom.Device]{Records: test.devices}, &a.devices)
			if got := series(t, c, "dexcom_alerts"); len(got) > 0 {
				t.Errorf("%s: %v before Dexcom was asked", name, got)
			}
			replace(a, 0, "alerts", dexcom.List[dexcom.Alarm]{Records: test.alarms}, &a.alarms)
			if got := series(t, c, "dexcom_alerts"); !maps.Equal(got, test.want) {
				t.Errorf("%s: %v, want %v", name, got, test.want)
			}
		}
	})
}
