package dexcom

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// deviceSamples are lines of the devices, each followed by its schedules and these
// by their settings.
func deviceSamples() map[string][]string {
	return map[string][]string{
		"v2/devices.json": {
			"g6 iOS unknown 2022-02-06T18:03:12Z",
			"schedule default=true enabled=true 0s-0s [true true true true true true true]",
			"high 200 snooze=30m0s enabled=true 2022-01-30",
			"low 70 snooze=30m0s enabled=true 2022-01-30",
			"rise 3 snooze=0s enabled=false 2022-01-30",
			"fall 3 snooze=0s enabled=false 2022-01-30",
			"urgentLow 55 snooze=28m0s enabled=true 2022-01-30",
			"urgentLowSoon 55 snooze=30m0s enabled=true 2022-01-30",
			"outOfRange 1200 snooze=0s enabled=true 2022-01-30",
			"noReadings 1200 snooze=0s enabled=true 2022-01-30",
			"schedule default=false enabled=false 22h0m0s-6h30m0s [false true true true true true false]",
			"high 250 snooze=1h0m0s enabled=true 2022-01-30",
			"low 80 snooze=15m0s enabled=true 2022-01-30",
			"unknown touchscreenReceiver unknown 2022-01-12T20:44:10Z",
		},
		"v2/devices_empty.json": nil,
		"v3/devices.json": {
			"g7 iOS G7 2025-02-06T18:03:12Z",
			"schedule default=true enabled=false 0s-0s [true true true true true true true] quiet until 2025-02-06T12:49:22.123-08:00",
			"high 200 snooze=30m0s enabled=true 2025-01-20",
			"low 70 snooze=30m0s enabled=true 2025-01-20",
			"rise 3 snooze=0s enabled=false 2025-01-20",
			"fall 3 snooze=0s enabled=false 2025-01-20",
			"urgentLow 55 snooze=30m0s enabled=true 2025-01-20",
			"urgentLowSoon 55 snooze=30m0s enabled=true 2025-01-20",
			"outOfRange 1200 snooze=0s enabled=true 2025-01-20",
			"noReadings 1200 snooze=0s enabled=true 2025-01-20",
			"schedule default=false enabled=true 22h0m0s-6h30m0s [false true true true true true false]",
			"high 250 snooze=1h0m0s enabled=true 2025-01-20",
			"low 80 snooze=15m0s enabled=true 2025-01-20",
			"g6 receiver unknown 2025-01-29T20:44:10Z",
		},
		"v3/devices_edge.json": {
			"d1+ android G7Android 0001-01-01T00:00:00Z",
			"schedule default=true enabled=true 0s-0s [true true true true true true true]",
			"rise 3 snooze=0s enabled=false 2021-04-05",
			"fall 2 snooze=0s enabled=true 2021-04-05",
			"urgentLow 55 snooze=28m0s enabled=true 2021-04-05",
			"unknown none snooze=0s enabled=false 0001-01-01",
			"urgentLow 55 snooze=30m0s enabled=true 2021-04-01",
		},
		"v3/devices_empty.json": nil,
	}
}

func deviceLine(d Device) string {
	lines := []string{fmt.Sprint(d.Generation, " ", d.Display, " ", d.App, " ", d.LastUpload.Format(time.RFC3339))}
	for _, s := range d.Schedules {
		line := fmt.Sprintf("schedule default=%t enabled=%t %v-%v %t", s.Default, s.Enabled, s.Start, s.End, s.Days)
		if !s.QuietUntil.IsZero() {
			line += " quiet until " + s.QuietUntil.Format(time.RFC3339Nano)
		}
		lines = append(lines, line)
		for _, a := range s.Settings {
			value := "none"
			if a.HasValue {
				value = fmt.Sprint(a.Value)
			}
			lines = append(lines, fmt.Sprintf("%s %s snooze=%v enabled=%t %s", a.Alert, value, a.Snooze, a.Enabled, a.Time.Format(time.DateOnly)))
		}
	}
	return strings.Join(lines, "\n")
}

func TestDeviceSamples(t *testing.T) {
	t.Parallel()
	checkSamples(t, deviceSamples(), decodeDevices, deviceLine)
}

func TestDevicesOfVersion2AreAskedByDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(at("2026-03-01T23:59:59.5Z")))
		body := sample(t, "v2/devices.json")
		client, err := NewClient(Config{BaseURL: "http://dexcom.test", Version: V2, Tokens: FixedToken(""), Transport: roundTrip(func(r *http.Request) (int, []byte) {
			if got := r.URL.RequestURI(); got != "/v2/users/self/devices?endDate=2026-03-02T00%3A00%3A00&startDate=2026-01-30T00%3A00%3A00" {
				t.Errorf("asked %s", got)
			}
			return http.StatusOK, body
		})})
		if err != nil {
			t.Fatal(err)
		}
		if list, err := client.Devices(t.Context()); err != nil || len(list.Records) != 2 || len(list.Records[0].Schedules) != 2 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestBadDevices(t *testing.T) {
	t.Parallel()
	checkBadBodies(t, "devices", decodeDevices)
	const nothing = "unknown unknown unknown 0001-01-01T00:00:00Z"
	checkRecords(t, "devices", decodeDevices, deviceLine, map[string]string{
		`null`: SkipType,
		`{}`:   nothing,
		`{"alertScheduleList":null,"alertSchedules":null}`:                             nothing,
		`{"alertScheduleList":"none","transmitterGeneration":{},"displayDevice":[1]}`:  nothing,
		`{"alertScheduleList":[],"displayDevice":"iOS","lastUploadDate":"1970-01-01"}`: "unknown iOS unknown 0001-01-01T00:00:00Z",
		`{"transmitterGeneration":"g5","lastUploadDate":"2099-01-01T00:00:00"}`:        "g5 unknown unknown 0001-01-01T00:00:00Z",
		`{"alertScheduleList":[{"alertScheduleSettings":null,"alertSettings":[null]}]}`: nothing + "\nschedule default=true enabled=false 0s-0s " +
			"[false false false false false false false]\nunknown none snooze=0s enabled=false 0001-01-01",
	})
}

func TestDecodeOddDevices(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/devices_edge.json"), "records", nil, parseDevice)
	if err != nil || len(list.Records) != 1 {
		t.Fatalf("%d devices, %v", len(list.Records), err)
	}
	device := list.Records[0]
	if device.Generation != OnePlus || !device.LastUpload.IsZero() || device.App != "G7Android" {
		t.Errorf("got %+v", device)
	}
	settings := device.AlertSettings(at("2025-02-06T12:00:00Z"))
	if low := settings["urgentLow"]; low.Snooze != 28*time.Minute || !low.Enabled || low.Value != 55 {
		t.Errorf("urgentLow %+v: want the newer of the two", low)
	}
	if fall := settings["fall"]; fall.Value != 2 || !fall.HasValue {
		t.Errorf("fall %+v: want 2 without its sign", fall)
	}
	if odd := settings["unknown"]; odd.HasValue || odd.Enabled {
		t.Errorf("unknown %+v: want no value", odd)
	}
}

func TestNamesComeFromClosedSets(t *testing.T) {
	t.Parallel()
	const body = `{"records":[
		{"displayDevice":"fridge","displayApp":"alice@example.org","transmitterGeneration":"g99","lastUploadDate":"1970-01-01T00:00:00Z",
		 "alertSchedules":[{"alertScheduleSettings":null,"alertSettings":[{"alertName":"{}","value":1}]}]},
		{"displayDevice":null,"displayApp":17,"transmitterGeneration":[],"alertSchedules":"none"},
		{}
	]}`
	list, err := decodeList([]byte(body), "records", nil, parseDevice)
	if err != nil || len(list.Records) != 3 {
		t.Fatalf("%d devices, %v", len(list.Records), err)
	}
	for _, d := range list.Records {
		if d.Display != "unknown" || d.App != "unknown" || d.Generation != UnknownGeneration || !d.LastUpload.IsZero() {
			t.Errorf("got %+v, want nothing but unknown", d)
		}
		for alert := range d.AlertSettings(at("2025-02-06T12:00:00Z")) {
			if !slices.Contains(Alerts(), alert) {
				t.Errorf("alert %q", alert)
			}
		}
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		generation, variant string
		want                Generation
		name                string
		life                time.Duration
	}{
		{"g7", "g7", G7, "g7", 10 * day},
		{"g7", "g715day", G7FifteenDay, "g715day", 15 * day},
		{"g715day", "", G7FifteenDay, "g715day", 15 * day},
		{"g7", "d1+", OnePlus, "d1+", 10 * day},
		{"g6", "g6", G6, "g6", 0},
		{"g6+", "", G6Plus, "g6+", 0},
		{"g6 pro", "g6", G6Pro, "g6Pro", 0},
		{"G6Pro", "", G6Pro, "g6Pro", 0},
		{"dexcomPro", "", DexcomPro, "dexcomPro", 0},
		{"g5", "", G5, "g5", 0},
		{"g4", "", G4, "g4", 0},
		{"", "", UnknownGeneration, "unknown", 0},
		{"g8", "g8", UnknownGeneration, "unknown", 0},
	} {
		got := ParseGeneration(test.generation, test.variant)
		if got != test.want || got.String() != test.name || got.SensorLife() != test.life {
			t.Errorf("%q %q: %v, %v; want %s, %v", test.generation, test.variant, got, got.SensorLife(), test.name, test.life)
		}
	}
}

func TestTrends(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"doubleUp": 3, "SingleUp": 2, "fortyFiveUp": 1, "FLAT": 0, "forty five down": -1, "SINGLE_DOWN": -2, "doubleDown": -3,
	} {
		if got, ok := ParseTrend(name).Arrow(); got != want || !ok {
			t.Errorf("%s: %d, %t; want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "none", "unknown", "notComputable", "NOT COMPUTABLE", "rateOutOfRange", "sideways"} {
		if got, ok := ParseTrend(name).Arrow(); ok {
			t.Errorf("%s: arrow %d, want none", name, got)
		}
	}
}

// A day ahead is a wrong clock or a wrong zone; what is further away cannot be.
func TestAnUploadCannotBeAhead(t *testing.T) {
	t.Parallel()
	for ahead, there := range map[time.Duration]bool{0: true, 23 * time.Hour: true, 25 * time.Hour: false, 70 * 365 * 24 * time.Hour: false} {
		upload := time.Now().Add(ahead).UTC().Truncate(time.Second)
		list, err := decodeDevices(V3, listBody(V3, "devices", `{"lastUploadDate":"`+upload.Format(time.RFC3339)+`"}`))
		if err != nil || list.Records[0].LastUpload.Equal(upload) != there || list.Records[0].LastUpload.IsZero() == there {
			t.Errorf("%v ahead: %+v, %v; want an upload: %t", ahead, list.Records, err, there)
		}
	}
}

func FuzzDecodeDevices(f *testing.F) {
	const good = `{"transmitterGeneration":"g7","displayDevice":"iOS"}`
	f.Add(`{"alertSchedules":[` + strings.Repeat(`{},`, 40) + `{}],"alertScheduleList":[` + strings.Repeat(`{},`, 40) + `{}]}`)
	f.Add(`{"alertSchedules":[{"alertScheduleSettings":{"startTime":"23:59:60","endTime":"12:60 PM","override":{"isOverrideEnabled":true,"mode":"Quiet","endTime":"9999-12-31T23:59:60-14:00"}},` +
		`"alertSettings":[{"alertName":"fall","value":-1e308,"snooze":1e308,"unit":"mmol/L"},{"alertName":"noReadings","value":1e-320,"snooze":1e-320}]}]}`)
	isGood := func(d Device) bool { return d.Generation == G7 && d.Display == "iOS" }
	fuzzRecords(f, "devices", good, deviceSamples(), decodeDevices, isGood, isDevice)
}

// isDevice tells whether a device keeps what its documentation promises.
func isDevice(d Device) bool {
	good := slices.Contains(Displays(), d.Display) && slices.Contains(Apps(), d.App) && d.Generation <= OnePlus && len(d.Schedules) <= maxElements
	good = good && (d.LastUpload.IsZero() || d.LastUpload.Year() >= 2006 && time.Until(d.LastUpload) < 25*time.Hour)
	for _, s := range d.Schedules {
		good = good && s.Start >= 0 && s.Start < 25*time.Hour && s.End >= 0 && s.End < 25*time.Hour && len(s.Settings) <= maxElements
		good = good && !slices.ContainsFunc(s.Settings, func(a AlertSetting) bool { return !isSetting(a) })
	}
	for alert := range d.AlertSettings(at("2025-02-06T23:59:59Z")) {
		good = good && slices.Contains(Alerts(), alert)
	}
	return good
}

// isSetting is isDevice of one alert.
func isSetting(a AlertSetting) bool {
	return slices.Contains(Alerts(), a.Alert) && a.Snooze >= 0 && a.Snooze <= 24*time.Hour && a.HasValue == (a.Value > 0) &&
		a.Value >= 0 && a.Value <= 24*60*60 && (a.Time.IsZero() || a.Time.Year() >= 2006)
}
