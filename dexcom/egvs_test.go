package dexcom

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

// egvSamples are lines of id, times, value, arrow, rate, generation, age of the
// transmitter, and whether the value may still change.
func egvSamples() map[string][]string {
	return map[string][]string{
		"v2/egvs.json": {
			"2022-02-06T17:12:35Z 09:12:35-08:00 131 0 fortyFiveUp 1.1 unknown 0s provisional",
			"2022-02-06T17:07:35Z 09:07:35-08:00 126 0 flat 0.9 unknown 0s",
			"2022-02-06T17:02:36Z 09:02:36-08:00 122 0 flat 0.6 unknown 0s",
			"2022-02-06T16:57:35Z 08:57:35-08:00 119 0 flat 0.4 unknown 0s",
		},
		"v2/egvs_edge.json": {
			"2022-02-06T17:12:35Z 09:12:35-08:00 401 1 doubleUp 3.4 unknown 0s provisional",
			"2022-02-06T17:07:35Z 09:07:35-08:00 398 0 singleUp 2.2 unknown 0s",
			"2022-02-06T16:02:35Z 08:02:35-08:00 39 -1 singleDown -2.1 unknown 0s provisional",
			"2022-02-06T15:57:35Z 07:57:35-08:00 40 0 fortyFiveDown -1.4 unknown 0s",
			"2022-02-06T13:02:35Z 05:02:35-08:00 112 0 notComputable none unknown 0s provisional",
			"2022-02-06T12:57:35Z 04:57:35-08:00 110 0 none none unknown 0s provisional",
			"2022-02-06T12:52:35Z 04:52:35-08:00 108 0 none none unknown 0s provisional",
			"2022-02-06T12:47:35Z 04:47:35-08:00 187 0 rateOutOfRange 9.3 unknown 0s provisional",
		},
		"v2/egvs_empty.json":                    nil,
		"v2/egvs_empty_null_units_ASSUMED.json": nil,
		"v2/egvs_g5_never_smoothed.json": {
			"2017-06-16T17:10:02Z 10:10:02-07:00 176 0 flat 0.4 unknown 0s provisional",
			"2017-06-16T17:05:01Z 10:05:01-07:00 173 0 flat 0.5 unknown 0s provisional",
			"2017-06-16T17:00:02Z 10:00:02-07:00 171 0 flat 0.6 unknown 0s provisional",
		},
		"v2/egvs_zulu_times.json": {
			"2021-08-24T14:15:22Z 14:15:22+00:00 115 0 flat -0.5 unknown 0s",
		},
		"v3/egvs.json": {
			"ab29e3be 2025-02-06T17:12:35Z 09:12:35-08:00 131 0 fortyFiveUp 1.1 g7 119h45m0s",
			"aeb8def5 2025-02-06T17:07:35Z 09:07:35-08:00 126 0 flat 0.9 g7 119h40m0s",
			"84ec3ea4 2025-02-06T17:02:36Z 09:02:36-08:00 122 0 flat 0.6 g7 119h35m1s",
			"b7a7e4a0 2025-02-06T16:57:35Z 08:57:35-08:00 119 0 flat 0.4 g7 119h30m0s",
		},
		"v3/egvs_edge.json": {
			"3e7add9d 2025-02-06T17:12:35.438Z 09:12:35-08:00 401 1 doubleUp 3.4 g7 0s",
			"8f008b99 2025-02-06T17:07:35Z 09:07:35-08:00 39 -1 doubleDown -3.2 g7 119h40m0s",
			"84a46e57 2025-02-06T17:02:36Z 10:02:36-07:00 122 0 notComputable none g7 119h35m1s",
			"1ae6c83b 2025-02-06T16:57:00Z 08:57:00-08:00 119 0 none none g7 119h30m0s",
			"b9267442 2025-02-06T16:47:35Z 08:47:35-08:00 117 0 none none g7 119h20m0s",
			"15d7d26b 2025-02-06T16:42:35Z 08:42:35-08:00 210 0 rateOutOfRange 9.5 g715day 119h15m0s",
			"33a11aab 2025-02-06T16:37:35Z 17:37:35+01:00 111 0 flat 0.1 d1+ 119h10m0s",
			"4286c429 2025-02-06T16:32:35Z 08:32:35-08:00 109.895 0 flat 0 g7 119h5m0s",
			"80fe1c68 2025-02-06T16:27:35Z 08:27:35-08:00 108 0 flat 0.2 g6Pro 119h0m0s",
			"3e7add9d 2025-02-06T17:12:35.438Z 09:12:35-08:00 401 1 doubleUp 3.4 g7 0s",
			"c1047c4a 2025-02-06T16:22:35Z 08:22:35-08:00 107 0 flat 0.2 g7 118h55m0s",
			"skipped: value",
		},
		"v3/egvs_empty.json": nil,
		"v3/egvs_receiver_no_offset.json": {
			"b3755850 2025-02-06T17:12:35Z 09:12:35-08:00 131 0 fortyFiveUp 1.1 g6 1501h0m11s",
			"bbdb140c 2025-02-06T17:07:35Z 09:07:35-08:00 126 0 flat 0.9 g6 1500h55m11s",
		},
	}
}

func egvLine(r Reading) string {
	rate := "none"
	if r.HasTrendRate {
		rate = fmt.Sprint(r.TrendRate)
	}
	id, _, _ := strings.Cut(r.ID, "-")
	line := fmt.Sprintln(id, r.Time.Format(time.RFC3339Nano), r.DisplayTime.Format("15:04:05-07:00"), r.MgDL, r.OutOfRange(), arrowName(r.Trend), rate, r.Generation, r.TransmitterAge)
	if r.Provisional {
		line += " provisional"
	}
	return strings.Join(strings.Fields(line), " ")
}

func arrowName(trend Trend) string {
	names := []string{"none", "doubleUp", "singleUp", "fortyFiveUp", "flat", "fortyFiveDown", "singleDown", "doubleDown", "notComputable", "rateOutOfRange"}
	return names[trend]
}

func TestEGVSamples(t *testing.T) {
	t.Parallel()
	decode := func(version Version, body []byte) (List[Reading], error) { return decodeEGVs(version, body, nil) }
	checkSamples(t, egvSamples(), decode, egvLine)
}

func TestGlucose(t *testing.T) {
	t.Parallel()
	number := func(v float64) wireNumber { return wireNumber{value: v, ok: true} }
	for _, test := range []struct {
		value        wireNumber
		unit, status string
		want         float64
		ok           bool
	}{
		{number(120), "mg/dL", "", 120, true},
		{number(120), "", "", 120, true},
		{number(39), "mg/dL", "low", 39, true},
		{number(38), "mg/dL", "", 39, true},
		{number(12), "mg/dL", "", 39, true},
		{number(39.9), "mg/dL", "", 39, true},
		{number(40), "mg/dL", "low", 40, true}, // the value decides
		{number(400), "mg/dL", "high", 400, true},
		{number(400.2), "mg/dL", "", 401, true},
		{number(401), "mg/dL", "high", 401, true},
		{number(555), "mg/dL", "high", 401, true},
		{number(10), "mmol/L", "", 180.156, true},
		{number(2.1), "MMOL/L", "", 39, true},
		{number(23), "mmol/L", "", 401, true},
		{wireNumber{}, "mg/dL", "low", 39, true},
		{wireNumber{}, "mg/dL", "High", 401, true},
		{wireNumber{}, "mg/dL", "", 0, false},
		{wireNumber{}, "mg/dL", "unknown", 0, false},
		{number(0), "mg/dL", "low", 0, false},
		{number(99999), "mg/dL", "high", 0, false},
	} {
		if got, ok := glucose(test.value, test.unit, test.status); got != test.want || ok != test.ok {
			t.Errorf("glucose(%v, %q, %q) = %v, %t; want %v, %t", test.value, test.unit, test.status, got, ok, test.want, test.ok)
		}
	}
}

func TestTrendRate(t *testing.T) {
	t.Parallel()
	number := func(v float64) wireNumber { return wireNumber{value: v, ok: true} }
	for _, test := range []struct {
		rate wireNumber
		unit string
		want float64
		ok   bool
	}{
		{number(-1.4), "mg/dL/min", -1.4, true},
		{number(0), "mg/dL/min", 0, true},
		{number(0.1), "mmol/L/min", 0.1 * MgDLPerMmolL, true},
		{number(9.5), "mg/dL/min", 9.5, true},
		{number(-30), "mg/dL/min", -30, true},
		{number(30.1), "mg/dL/min", 0, false},
		{wireNumber{}, "mg/dL/min", 0, false},
	} {
		if got, ok := trendRate(test.rate, test.unit); got != test.want || ok != test.ok {
			t.Errorf("trendRate(%v, %q) = %v, %t; want %v, %t", test.rate, test.unit, got, ok, test.want, test.ok)
		}
	}
}

func TestBadEGVs(t *testing.T) {
	t.Parallel()
	decode := func(version Version, body []byte) (List[Reading], error) { return decodeEGVs(version, body, nil) }
	checkBadBodies(t, "egvs", decode)
}

func FuzzDecodeEGVs(f *testing.F) {
	decode := func(version Version, body []byte) (List[Reading], error) { return decodeEGVs(version, body, nil) }
	isGood := func(r Reading) bool { return r.ID == "a" && r.MgDL == 131 }
	holds := func(r Reading) bool { return r.MgDL >= LowMgDL && r.MgDL <= HighMgDL && r.Time.Year() >= 2006 }
	fuzzRecords(f, "egvs", goodEGV, egvSamples(), decode, isGood, holds)
}
