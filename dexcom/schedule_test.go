package dexcom

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// nightDevice has a default schedule, and one from 22:00 to 06:30 that starts on
// weekdays and has only a low alert.
func nightDevice(t *testing.T, night string) Device {
	t.Helper()
	body := fmt.Sprintf(`{"alertSchedules":[
		{"alertScheduleSettings":{"isDefaultSchedule":true,"isEnabled":false,"startTime":"00:00","endTime":"00:00"},
		 "alertSettings":[{"alertName":"low","value":70,"enabled":true},{"alertName":"high","value":11.1,"unit":"mmol/L","enabled":true}]},
		{"alertScheduleSettings":{"isDefaultSchedule":false,"isEnabled":true,%s},
		 "alertSettings":[{"alertName":"low","value":80,"enabled":true,"snooze":15}]}]}`, night)
	var wire wireDevice
	if err := json.Unmarshal([]byte(body), &wire); err != nil {
		t.Fatal(err)
	}
	device, reason := parseDevice(wire)
	if reason != "" {
		t.Fatal(reason)
	}
	return device
}

func TestTheScheduleThatHoldsNow(t *testing.T) {
	t.Parallel()
	device := nightDevice(t, `"startTime":"22:00","endTime":"06:30","daysOfWeek":["monday","tuesday","wednesday","thursday","friday",""]`)
	for local, want := range map[string]float64{
		"2025-02-07T21:59:59Z": 70, // Friday evening
		"2025-02-07T22:00:00Z": 80,
		"2025-02-08T06:29:59Z": 80, // Saturday morning is Friday's night
		"2025-02-08T06:30:00Z": 70,
		"2025-02-08T23:00:00Z": 70, // no night starts on Saturday
		"2025-02-10T03:00:00Z": 70, // nor on Sunday
		"2025-02-10T22:30:00Z": 80,
	} {
		settings := device.AlertSettings(at(local))
		if got := settings["low"].Value; got != want {
			t.Errorf("%s: low %v, want %v", local, got, want)
		}
		if high := settings["high"]; high.Value < 199 || high.Value > 201 {
			t.Errorf("%s: high %v, want the default's 11.1 mmol/L", local, high.Value)
		}
	}
}

func TestAScheduleByDay(t *testing.T) {
	t.Parallel()
	device := nightDevice(t, `"startTime":"9:00 AM","endTime":"5:00 PM","daysOfWeek":["friday"]`)
	for local, want := range map[string]float64{
		"2025-02-07T08:59:59Z": 70, "2025-02-07T09:00:00Z": 80, "2025-02-07T16:59:59Z": 80, "2025-02-07T17:00:00Z": 70,
		"2025-02-08T08:00:00Z": 70, "2025-02-08T12:00:00Z": 70, "2025-02-06T12:00:00Z": 70,
	} {
		if got := device.AlertSettings(at(local))["low"].Value; got != want {
			t.Errorf("%s: low %v, want %v", local, got, want)
		}
	}
}

func TestAScheduleWithoutTheDefaultFlag(t *testing.T) {
	t.Parallel()
	const night = `{"alertScheduleSettings":{"isEnabled":false,"startTime":"22:00","endTime":"06:00"},"alertSettings":[{"alertName":"low","value":60,"enabled":true}]}`
	const always = `{"alertScheduleSettings":{"isDefaultSchedule":true},"alertSettings":[{"alertName":"low","value":80,"enabled":true}]}`
	for schedules, want := range map[string]float64{night: 60, always + "," + night: 80, night + "," + always: 80} {
		var wire wireDevice
		if err := json.Unmarshal([]byte(`{"alertSchedules":[`+schedules+`]}`), &wire); err != nil {
			t.Fatal(err)
		}
		device, _ := parseDevice(wire)
		if got := device.AlertSettings(at("2025-02-10T12:00:00Z"))["low"].Value; got != want {
			t.Errorf("low %v, want %v", got, want)
		}
	}
}

func TestScheduleTimesOfDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"22:00": 22 * time.Hour, "0:00": 0, "00:05": 5 * time.Minute, "10:00 PM": 22 * time.Hour, "12:30 am": 30 * time.Minute,
		"12:00PM": 12 * time.Hour, "6:30 AM": 6*time.Hour + 30*time.Minute,
		"": -1, "25:00": -1, "noon": -1, "PM": -1, "-1:00": -1,
	} {
		if got, ok := timeOfDay(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v, %t; want %v", text, got, ok, want)
		}
	}
}

func TestAScheduleThatCannotBeReadDoesNotHold(t *testing.T) {
	t.Parallel()
	for _, night := range []string{
		`"startTime":"late","endTime":"06:30","daysOfWeek":["monday"]`,
		`"startTime":null,"endTime":null,"daysOfWeek":null`,
		`"startTime":"00:00","endTime":"00:00","daysOfWeek":["someday"]`,
	} {
		if got := nightDevice(t, night).AlertSettings(at("2025-02-10T23:00:00Z"))["low"].Value; got != 70 {
			t.Errorf("%s: low %v, want the default's 70", night, got)
		}
	}
}

func TestAQuietOverrideSilencesUntilItsEnd(t *testing.T) {
	t.Parallel()
	const always = `"startTime":"00:00","endTime":"00:00","daysOfWeek":["monday","tuesday"]`
	for _, test := range []struct {
		override string
		enabled  bool
	}{
		{`{"isOverrideEnabled":true,"mode":"quiet","endTime":"2025-02-10T23:30:00Z"}`, false},
		{`{"isOverrideEnabled":true,"mode":"quiet","endTime":"2025-02-10T22:30:00Z"}`, true},
		{`{"isOverrideEnabled":true,"mode":"vibrate","endTime":"2025-02-10T23:30:00Z"}`, true},
		{`{"isOverrideEnabled":false,"mode":"quiet","endTime":"2025-02-10T23:30:00Z"}`, true},
		{`{"isOverrideEnabled":true,"mode":"quiet","endTime":null}`, false},
		{`{"isOverrideEnabled":null,"mode":"quiet","endTime":null}`, true},
		{`null`, true},
	} {
		device := nightDevice(t, always+`,"override":`+test.override)
		if got := device.AlertSettings(at("2025-02-10T23:00:00Z"))["low"]; got.Value != 80 || got.Enabled != test.enabled {
			t.Errorf("%s: %+v, want enabled %t", test.override, got, test.enabled)
		}
	}
}

// Receivers send no offsets: the end is then what the person's own clock shows.
func TestAnOverrideEndWithoutAZoneIsLocal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		end, local string
		enabled    bool
	}{
		{"2025-02-10T13:00:00", "2025-02-10T12:59:59-08:00", false},
		{"2025-02-10T13:00:00", "2025-02-10T13:00:00-08:00", true},
		{"2025-02-10T13:00:00", "2025-02-10T05:30:00-08:00", false}, // 13:30 in UTC
		{"2025-02-10T13:00:00", "2025-02-10T12:59:59+09:00", false},
		{"2025-02-10T13:00:00", "2025-02-10T13:00:00+09:00", true}, // 4:00 in UTC
		{"2025-02-10T00:30:00", "2025-02-09T23:59:59+05:45", false},
		{"2025-02-10T13:00:00Z", "2025-02-10T05:00:00-08:00", true},
		{"2025-02-10T13:00:00Z", "2025-02-10T04:59:59-08:00", false},
		{"2025-02-10T13:00:00-08:00", "2025-02-10T21:59:59+01:00", false},
		{"2025-02-10T13:00:00-08:00", "2025-02-10T22:00:00+01:00", true},
	} {
		device := nightDevice(t, `"startTime":"00:00","endTime":"00:00","daysOfWeek":["sunday","monday"],"override":{"isOverrideEnabled":true,"mode":"quiet","endTime":"`+test.end+`"}`)
		if got := device.AlertSettings(at(test.local))["low"]; got.Value != 80 || got.Enabled != test.enabled {
			t.Errorf("until %s, at %s: %+v, want enabled %t", test.end, test.local, got, test.enabled)
		}
	}
}

func TestAlertMeasures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body    string
		want    float64
		has     bool
		measure Measure
	}{
		{`{"alertName":"high","value":200,"unit":"mg/dL"}`, 200, true, MeasureMgDL},
		{`{"alertName":"rise","value":3,"unit":"minutes"}`, 3, true, MeasureRate}, // a wrong unit (clients)
		{`{"alertName":"fall","value":-2}`, 2, true, MeasureRate},
		{`{"alertName":"noReadings","value":20,"unit":"minutes"}`, 1200, true, MeasureDuration},
		{`{"alertName":"outOfRange","value":null}`, 0, false, MeasureDuration},
		{`{"alertName":"unknown","value":7}`, 0, false, NoMeasure},
		{`{"alertName":"high","value":11.1,"unit":"mmol/L"}`, 199.973, true, MeasureMgDL},
		{`{"alertName":"rise","value":0.1,"unit":"mmol/L/min"}`, 1.802, true, MeasureRate},

		// What no device can be set to is no value.
		{`{"alertName":"high","value":1000}`, 1000, true, MeasureMgDL},
		{`{"alertName":"high","value":1000.1}`, 0, false, MeasureMgDL},
		{`{"alertName":"high","value":56,"unit":"mmol/L"}`, 0, false, MeasureMgDL},
		{`{"alertName":"high","value":1e308,"unit":"mmol/L"}`, 0, false, MeasureMgDL},
		{`{"alertName":"high","value":"NaN"}`, 0, false, MeasureMgDL},
		{`{"alertName":"low","value":0}`, 0, false, MeasureMgDL},
		{`{"alertName":"low","value":-70}`, 0, false, MeasureMgDL},
		{`{"alertName":"fall","value":-100}`, 100, true, MeasureRate},
		{`{"alertName":"fall","value":-100.1}`, 0, false, MeasureRate},
		{`{"alertName":"rise","value":0}`, 0, false, MeasureRate},
		{`{"alertName":"noReadings","value":1440}`, 86400, true, MeasureDuration},
		{`{"alertName":"noReadings","value":1441}`, 0, false, MeasureDuration},
		{`{"alertName":"outOfRange","value":0}`, 0, false, MeasureDuration},
		{`{"alertName":"outOfRange","value":-20}`, 0, false, MeasureDuration},
	} {
		var wire wireSetting
		if err := json.Unmarshal([]byte(test.body), &wire); err != nil {
			t.Fatal(err)
		}
		got := wire.setting()
		if got.HasValue != test.has || got.Value != test.want || got.Measure() != test.measure {
			t.Errorf("%s: %+v", test.body, got)
		}
	}
}

func TestSnoozes(t *testing.T) {
	t.Parallel()
	for snooze, want := range map[string]time.Duration{
		`15`: 15 * time.Minute, `"28"`: 28 * time.Minute, `0.5`: 30 * time.Second, `1440`: 24 * time.Hour,
		`1440.1`: 0, `1e300`: 0, `0`: 0, `-30`: 0, `null`: 0, `"never"`: 0, `{}`: 0,
	} {
		var wire wireSetting
		if err := json.Unmarshal([]byte(`{"alertName":"high","snooze":`+snooze+`}`), &wire); err != nil {
			t.Fatal(err)
		}
		if got := wire.setting().Snooze; got != want {
			t.Errorf("%s: %v, want %v", snooze, got, want)
		}
	}
}

// FuzzTimeOfDay reads any text: what it is read as is written and read again.
func FuzzTimeOfDay(f *testing.F) {
	for _, text := range []string{"22:00", "0:00", "10:00 PM", "12:30am", "", "AM", "PMAM", "2400", "23:59:60.999", "-1:00", "1e1:00", "99:99", "12:60 PM", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := timeOfDay(text)
		if !ok {
			return
		}
		again, ok := timeOfDay(writeTimeOfDay(got))
		if got < 0 || got >= 25*time.Hour || !ok || again != got.Truncate(time.Second)%(24*time.Hour) {
			t.Errorf("%q is %v, which is read again as %v, %t", text, got, again, ok)
		}
	})
}
