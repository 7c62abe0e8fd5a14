package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// nightOwl is the first person from a seed on who has a night schedule and
// silences the alerts every day.
func nightOwl(seed uint64, like Person) *Person {
	for like.Seed = seed; ; like.Seed++ {
		_, night := like.NightSchedule()
		_, _, quiet := like.override(noon())
		if night && quiet {
			like.Name = "owl"
			return &like
		}
	}
}

// scheduleOf are the settings of a schedule by the name, from a device's list.
func scheduleOf(t *testing.T, device map[string]any, list, name string) (settings map[string]any, alerts []any) {
	t.Helper()
	for _, s := range device[list].([]any) {
		settings = s.(map[string]any)["alertScheduleSettings"].(map[string]any)
		if settings["alertScheduleName"] == name {
			return settings, s.(map[string]any)["alertSettings"].([]any)
		}
	}
	t.Fatalf("no schedule %q in %v", name, device[list])
	return nil, nil
}

// readClock reads 22:30, 6:30 and 10:30 PM, and tells how it was written.
func readClock(text any) (sinceMidnight time.Duration, layout string) {
	for _, layout := range []string{"15:04", "3:04 PM"} {
		if t, err := time.Parse(layout, text.(string)); err == nil {
			if t.Format(layout) != text {
				layout = "one digit"
			}
			return t.Sub(t.Truncate(24 * time.Hour)), layout
		}
	}
	return -1, ""
}

func TestOddNightSchedulesAreStillTrue(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for seed := range uint64(12) {
		p := nightOwl(100*seed, Person{Sensor: G6, Quirks: true})
		night, _ := p.NightSchedule()
		v3 := records(t, New(p), "owl", devicesPath, nil)[0]
		v2 := recordsV2(t, New(p), "owl", "devices", time.Now().AddDate(0, 0, -1), time.Now())[0]
		for list, device := range map[string]map[string]any{"alertSchedules": v3, "alertScheduleList": v2} {
			settings, alerts := scheduleOf(t, device, list, "Night")
			from, _ := readClock(settings["startTime"])
			to, layout := readClock(settings["endTime"])
			seen[layout]++
			if from != night.From || to != night.To {
				t.Errorf("%v to %v, want %+v", settings["startTime"], settings["endTime"], night)
			}
			days := settings["daysOfWeek"].([]any)
			if len(days) != len(night.Days)+1 || !slices.Contains(days, any("")) {
				t.Errorf("days %v, want %v and one without a name", days, night.Days)
			}
			if alert := alerts[0].(map[string]any); alert["value"] != night.High {
				t.Errorf("%v, want %v", alert, night.High)
			}
			whole, _ := scheduleOf(t, device, list, "")
			if from, _ := readClock(whole["startTime"]); from != 0 {
				t.Errorf("the default begins at %v", whole["startTime"])
			}
		}
	}
	if seen["3:04 PM"] == 0 || seen["one digit"] == 0 || seen["15:04"] > 0 {
		t.Errorf("clocks are written %v", seen)
	}
}

func TestPlainNightSchedules(t *testing.T) {
	t.Parallel()
	p := nightOwl(0, Person{})
	settings, _ := scheduleOf(t, records(t, New(p), "owl", devicesPath, nil)[0], "alertSchedules", "Night")
	night, _ := p.NightSchedule()
	to, layout := readClock(settings["endTime"])
	if to != night.To || layout != "15:04" || len(settings["daysOfWeek"].([]any)) != len(night.Days) {
		t.Errorf("%v, want %+v", settings, night)
	}
}

// Of two settings for one alert the newest is true; the other is older and not alike.
func TestV2DoubledAlertIsOutdated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		p := &Person{Name: "p", Seed: seed, Sensor: G6, Quirks: true, Zone: zone(t, "Asia/Kolkata")}
		device := recordsV2(t, New(p), "p", "devices", time.Now().AddDate(0, 0, -1), time.Now())[0]
		_, alerts := scheduleOf(t, device, "alertScheduleList", "")
		var highs []map[string]any
		for _, a := range alerts {
			if a := a.(map[string]any); a["alertName"] == "high" {
				highs = append(highs, a)
			}
		}
		if len(highs) != 2 {
			t.Fatalf("%d settings of high", len(highs))
		}
		slices.SortFunc(highs, func(a, b map[string]any) int {
			return strings.Compare(a["systemTime"].(string), b["systemTime"].(string))
		})
		if highs[0]["systemTime"] == highs[1]["systemTime"] || highs[0]["value"] == highs[1]["value"] || highs[1]["value"] != p.Thresholds().High {
			t.Errorf("%v, want %v", highs, p.Thresholds().High)
		}
		if old, _ := highs[0]["value"].(float64); old < 120 || old > 400 {
			t.Errorf("it never was possible: %v", highs[0])
		}
	}
}

// The end of an override is 13 o'clock where the person lives; a receiver does not
// tell where that is.
func TestOverrideEnds(t *testing.T) {
	t.Parallel()
	tokyo := zone(t, "Asia/Tokyo")
	for display, suffix := range map[Display]string{IOS: "T13:00:00.000+09:00", Receiver: "T13:00:00.000"} {
		synctest.Test(t, func(t *testing.T) {
			p := nightOwl(0, Person{Display: display, Zone: tokyo})
			status, body := ask(t, New(p), "owl", devicesPath, nil)
			var got struct {
				Records []struct {
					AlertSchedules []struct {
						AlertScheduleSettings struct{ Override struct{ EndTime string } }
					}
				}
			}
			if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK {
				t.Fatal(status, err)
			}
			if end := got.Records[0].AlertSchedules[0].AlertScheduleSettings.Override.EndTime; len(end) != 10+len(suffix) || end[10:] != suffix {
				t.Errorf("%s: the override ends at %s", display, end)
			}
		})
	}
}
