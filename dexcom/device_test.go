package dexcom

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestDecodeDevices(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/devices.json"), nil, parseDevice)
	if err != nil || len(list.Records) < 2 || len(list.Skipped) != 0 {
		t.Fatalf("%d devices, %d skipped, %v", len(list.Records), len(list.Skipped), err)
	}
	phone := list.Records[0]
	if phone.Generation != G7 || phone.Display != "iOS" || phone.App != "G7" || !phone.LastUpload.Equal(at("2025-02-06T18:03:12Z")) || len(phone.Schedules) != 2 {
		t.Errorf("got %+v", phone)
	}
}

func TestDecodeOddDevices(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/devices_edge.json"), nil, parseDevice)
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
	list, err := decodeList([]byte(body), nil, parseDevice)
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

func TestTimesOfTheServerCannotBeAhead(t *testing.T) {
	t.Parallel()
	list, err := decodeList([]byte(`{"records":[{"lastUploadDate":"2099-01-01T00:00:00Z"}]}`), nil, parseDevice)
	if err != nil || !list.Records[0].LastUpload.IsZero() {
		t.Errorf("%+v, %v; want no upload", list.Records, err)
	}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"egvs":{"start":{"systemTime":"2025-01-01T00:00:00Z"},"end":{"systemTime":"2099-01-01T00:00:00Z"}}}`))
	})
	if got, err := client.DataRange(t.Context()); err != nil || got.EGVs != (Span{Start: at("2025-01-01T00:00:00Z")}) {
		t.Errorf("%+v, %v; want no end", got, err)
	}
}

func TestDataRange(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Span{
		"v3/dataRange.json":                     {at("2024-11-01T15:57:35Z"), at("2025-02-06T17:12:35Z")},
		"v3/dataRange_receiver_no_offset.json":  {at("2021-06-01T01:10:08Z"), at("2021-06-11T01:05:08Z")},
		"v3/dataRange_no_new_data.json":         {},
		"v3/dataRange_absent_keys_ASSUMED.json": {},
	} {
		body := sample(t, name)
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
		got, err := client.DataRange(t.Context())
		if err != nil || !got.EGVs.Start.Equal(want.Start) || !got.EGVs.End.Equal(want.End) {
			t.Errorf("%s: %+v, %v; want %+v", name, got.EGVs, err, want)
		}
	}
	for body, want := range map[string]string{
		`{"recordType":"dataRange","egvs":17,"events":[],"calibrations":{"start":null,"end":{"systemTime":{}}}}`: "",
		`{"egvs":null}`: ReasonDecode, `null`: ReasonDecode, `{"error":"maintenance"}`: ReasonDecode, `{}`: ReasonDecode,
		`[]`: ReasonDecode, `<html>`: ReasonDecode, ``: ReasonDecode,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		if got, err := client.DataRange(t.Context()); Reason(err) != want || got.Calibrations != (Span{}) {
			t.Errorf("%s: %+v, %v; want reason %q", body, got, err, want)
		}
	}
}
