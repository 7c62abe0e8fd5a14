package dexcom

import (
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

func TestDecodeEGVs(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/egvs.json"), nil, parseEGV)
	if err != nil || len(list.Records) != 4 || len(list.Skipped) != 0 {
		t.Fatalf("%d records, %d skipped, %v; want 4, 0, nil", len(list.Records), len(list.Skipped), err)
	}
	if list.UserID != "382d5a4991d61f0887a80b260e24f1d9a6c80b2adb700b5e17b3d45985e9f226" {
		t.Errorf("user %q", list.UserID)
	}
	got := list.Records[0]
	want := Reading{
		ID: "ab29e3be-909c-51cb-a1ae-312f0e9fce42", Time: at("2025-02-06T17:12:35Z"), DisplayTime: got.DisplayTime,
		MgDL: 131, Trend: FortyFiveUp, TrendRate: 1.1, HasTrendRate: true, Generation: G7, TransmitterAge: 431100 * time.Second,
	}
	if got != want || got.DisplayTime.Format(time.RFC3339) != "2025-02-06T09:12:35-08:00" {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeEGVsOfAReceiver(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/egvs_receiver_no_offset.json"), nil, parseEGV)
	if err != nil || len(list.Records) != 2 {
		t.Fatalf("%d records, %v", len(list.Records), err)
	}
	got := list.Records[0]
	if !got.Time.Equal(at("2025-02-06T17:12:35Z")) || got.DisplayTime.Format(time.RFC3339) != "2025-02-06T09:12:35-08:00" || got.Generation != G6 {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeOddEGVs(t *testing.T) {
	t.Parallel()
	list, err := decodeList(sample(t, "v3/egvs_edge.json"), nil, parseEGV)
	if err != nil || len(list.Skipped) != 1 || list.Skipped[0].Reason != SkipValue {
		t.Fatalf("skipped %v, %v; want the one null value", list.Skipped, err)
	}
	type figures struct {
		time       string
		mgdl       float64
		outOfRange int
		trend      Trend
		generation Generation
		age        time.Duration
	}
	want := []figures{
		{"2025-02-06T17:12:35.438Z", 401, 1, DoubleUp, G7, 0}, // ticks of 2,293 years
		{"2025-02-06T17:07:35Z", 39, -1, DoubleDown, G7, 430800 * time.Second},
		{"2025-02-06T17:02:36Z", 122, 0, NotComputable, G7, 430501 * time.Second},
		{"2025-02-06T16:57:00Z", 119, 0, TrendNone, G7, 430200 * time.Second},
		{"2025-02-06T16:47:35Z", 117, 0, TrendNone, G7, 429600 * time.Second},
		{"2025-02-06T16:42:35Z", 210, 0, RateOutOfRange, G7FifteenDay, 429300 * time.Second},
		{"2025-02-06T16:37:35Z", 111, 0, Flat, OnePlus, 429000 * time.Second},
		{"2025-02-06T16:32:35Z", 109.895, 0, Flat, G7, 428700 * time.Second},
		{"2025-02-06T16:27:35Z", 108, 0, Flat, G6Pro, 428400 * time.Second},
		{"2025-02-06T17:12:35.438Z", 401, 1, DoubleUp, G7, 0}, // a double
		{"2025-02-06T16:22:35Z", 107, 0, Flat, G7, 428100 * time.Second},
	}
	if len(list.Records) != len(want) {
		t.Fatalf("%d records, want %d", len(list.Records), len(want))
	}
	for i, r := range list.Records {
		got := figures{r.Time.Format(time.RFC3339Nano), r.MgDL, r.OutOfRange(), r.Trend, r.Generation, r.TransmitterAge}
		if got != want[i] {
			t.Errorf("record %d:\ngot  %+v\nwant %+v", i, got, want[i])
		}
	}
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
		{number(1000), "mg/dL/min", 0, false},
		{wireNumber{}, "mg/dL/min", 0, false},
	} {
		if got, ok := trendRate(test.rate, test.unit); got != test.want || ok != test.ok {
			t.Errorf("trendRate(%v, %q) = %v, %t; want %v, %t", test.rate, test.unit, got, ok, test.want, test.ok)
		}
	}
}
