package dexcom

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// The units stand beside the list, before it or after, and may be missing.
func TestUnitsOfVersion2(t *testing.T) {
	t.Parallel()
	const list = `"egvs":[{"systemTime":"2022-02-06T17:12:35","value":6.1,"smoothedValue":6.1,"trendRate":0.1}]`
	const mmol = `[109.895 1.80156]`
	for body, want := range map[string]string{
		`{"unit":"mmol/L","rateUnit":"mmol/L/min",` + list + `}`: mmol,
		`{` + list + `,"unit":"mmol/L","rateUnit":"mmol/L/min"}`: mmol,
		`{"unit":"mmol/L",` + list + `,"rateUnit":"mmol/L/min"}`: mmol,
		`{"UNIT":"MMOL/L",` + list + `,"rateunit":"mmol/l/min"}`: mmol,
		`{"unit":"mmol/L","rateUnit":"mg/dL/min",` + list + `}`:  `[109.895 0.1]`,
		`{"unit":"mmol/L","rateUnit":null,` + list + `}`:         `[109.895 0.1]`,
		`{"unit":"mg/dL","rateUnit":"mg/dL/min",` + list + `}`:   `[39 0.1]`, // 6.1 mg/dL is LOW
		`{"unit":null,"rateUnit":null,` + list + `}`:             `[39 0.1]`,
		`{"unit":{"a":1},"rateUnit":[],` + list + `}`:            `[39 0.1]`,
		`{` + list + `}`: `[39 0.1]`,
	} {
		got, err := decodeEGVs(V2, []byte(body), nil)
		if err != nil || len(got.Records) != 1 {
			t.Fatalf("%s: %v", body, err)
		}
		if r := got.Records[0]; fmt.Sprintf("[%v %.6g]", r.MgDL, r.TrendRate) != want {
			t.Errorf("%s: %v %v; want %s", body, r.MgDL, r.TrendRate, want)
		}
	}
}

// The value is what Dexcom says is the value; the other two stand in for it.
func TestValuesOfVersion2(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		`"value":126,"realtimeValue":127,"smoothedValue":126`:    "126",
		`"value":125,"realtimeValue":127,"smoothedValue":126`:    "125",
		`"value":127,"realtimeValue":127,"smoothedValue":null`:   "127 provisional",
		`"value":127,"realtimeValue":127`:                        "127 provisional",
		`"value":127`:                                            "127 provisional",
		`"value":127,"smoothedValue":{}`:                         "127 provisional",
		`"value":null,"realtimeValue":127,"smoothedValue":126`:   "126",
		`"value":null,"realtimeValue":127,"smoothedValue":null`:  "127 provisional",
		`"value":"x","realtimeValue":"127"`:                      "127 provisional",
		`"value":null,"realtimeValue":null,"status":"low"`:       "39 provisional",
		`"value":null,"realtimeValue":39,"status":"low"`:         "39 provisional",
		`"value":401,"realtimeValue":401,"status":"high"`:        "401 provisional",
		`"value":null,"realtimeValue":null,"smoothedValue":null`: SkipValue,
		`"realtimeValue":[127],"smoothedValue":"NaN"`:            SkipValue,
		`"value":0,"realtimeValue":127,"smoothedValue":126`:      SkipValue, // a value all the same
		`"value":-1`:                      SkipValue,
		`"value":1e9,"realtimeValue":127`: SkipValue,
	} {
		list, err := decodeEGVs(V2, fmt.Appendf(nil, `{"unit":"mg/dL","egvs":[{"systemTime":"2022-02-06T17:12:35",%s}]}`, values), nil)
		if err != nil {
			t.Fatalf("%s: %v", values, err)
		}
		var got string
		for _, r := range list.Records {
			got = fmt.Sprint(r.MgDL) + map[bool]string{true: " provisional"}[r.Provisional]
		}
		for _, skip := range list.Skipped {
			got = skip.Reason
		}
		if got != want {
			t.Errorf("%s: %s, want %s", values, got, want)
		}
	}
}

func TestBadRecordsOfVersion2(t *testing.T) {
	t.Parallel()
	const good = `{"systemTime":"2022-02-06T17:12:35","value":131}`
	for record, want := range map[string]string{
		`null`: SkipType, `[]`: SkipType, `7`: SkipType, `{}`: SkipTime, `{"value":131}`: SkipTime,
		`{"systemTime":"1970-01-01T00:00:00","value":131}`: SkipTime,
		`{"systemTime":1644167555,"value":131}`:            SkipTime,
		`{"systemTime":"2022-02-06T17:12:35"}`:             SkipValue,
	} {
		list, err := decodeEGVs(V2, listBody(V2, "egvs", good, record, good), nil)
		if err != nil || len(list.Records) != 2 || len(list.Skipped) != 1 || list.Skipped[0].Reason != want {
			t.Errorf("%s: %d records, skipped %v, %v; want 2 and %s", record, len(list.Records), list.Skipped, err, want)
		}
	}
}

// Newer pages show a Z behind a display time that is local.
func TestDisplayTimesOfVersion2(t *testing.T) {
	t.Parallel()
	for display, want := range map[string]string{
		`"2022-02-06T09:12:35"`:       "2022-02-06T09:12:35-08:00",
		`"2022-02-06T09:12:35Z"`:      "2022-02-06T09:12:35-08:00",
		`"2022-02-06T09:12:35-08:00"`: "2022-02-06T09:12:35-08:00",
		`"2022-02-06T17:12:36Z"`:      "2022-02-06T17:12:35Z",
		`"2022-02-06T22:40:00"`:       "2022-02-06T22:42:35+05:30", // drift
		`"2022-02-01T00:00:00Z"`:      "0001-01-01T00:00:00Z",
		`null`:                        "0001-01-01T00:00:00Z",
	} {
		list, err := decodeEGVs(V2, fmt.Appendf(nil, `{"egvs":[{"systemTime":"2022-02-06T17:12:35Z","displayTime":%s,"value":131}]}`, display), nil)
		if err != nil || len(list.Records) != 1 {
			t.Fatalf("%s: %v", display, err)
		}
		if got := list.Records[0].DisplayTime.Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", display, got, want)
		}
	}
}

// A value that was smoothed is another record, one that was not is left out.
func TestSeenInVersion2(t *testing.T) {
	t.Parallel()
	record := func(clock string, value int, smoothed string) string {
		return fmt.Sprintf(`{"systemTime":"2022-02-06T%s","value":%d,"realtimeValue":100,"smoothedValue":%s}`, clock, value, smoothed)
	}
	answers := [][]string{
		{record("12:05:00", 100, "null"), record("12:00:00", 104, "104"), record("12:00:00", 99, "99")},
		{record("12:05:00", 97, "97"), record("12:00:00", 104, "104"), record("12:00:00", 99, "99")},
	}
	want := []string{"12:00:00=104 12:00:00=99 12:05:00=100?", "12:05:00=97"}
	client := serveVersion(t, V2, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(listBody(V2, "egvs", answers[0]...))
		answers = answers[1:]
	})
	var seen Seen
	for i := range want {
		list, err := client.EGVs(t.Context(), at("2022-02-06T00:00:00Z"), at("2022-02-07T00:00:00Z"), &seen)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list.Records {
			got = append(got, fmt.Sprintf("%s=%v%s", r.Time.Format(time.TimeOnly), r.MgDL, map[bool]string{true: "?"}[r.Provisional]))
		}
		if strings.Join(got, " ") != want[i] {
			t.Errorf("answer %d: %q, want %s", i, got, want[i])
		}
	}
}

func TestWindowsOfVersion2(t *testing.T) {
	t.Parallel()
	var spans []string
	client := serveVersion(t, V2, func(w http.ResponseWriter, r *http.Request) {
		spans = append(spans, r.URL.Query().Get("startDate")+" "+r.URL.Query().Get("endDate"))
		_, _ = w.Write(listBody(V2, "egvs", `{"systemTime":"`+r.URL.Query().Get("startDate")+`","value":100}`))
	})
	list, err := client.EGVs(t.Context(), at("2025-01-01T00:00:00Z"), at("2025-04-10T12:00:00Z"), nil)
	want := "2025-01-01T00:00:00 2025-04-01T00:00:00, 2025-04-01T00:00:00 2025-04-10T12:00:00"
	if got := strings.Join(spans, ", "); got != want || err != nil || len(list.Records) != 2 {
		t.Errorf("%d records, %v, asked for %s\nwant %s", len(list.Records), err, got, want)
	}
}

// FuzzUnitsOfVersion2 puts anything for the units, before the list and after it: the
// reading is the same, and one that can be.
func FuzzUnitsOfVersion2(f *testing.F) {
	for _, unit := range []string{`"mmol/L"`, `"mg/dL"`, `null`, `7`, `{"unit":"mmol/L"}`, `"MMOL/L/min"`, "\"\xff\"", `"mmol/L","unit":null`} {
		f.Add(unit, unit, `6.1`, `"0.1"`)
		f.Add(`"mg/dL"`, unit, `1e308`, `-1e308`)
	}
	f.Fuzz(func(t *testing.T, unit, rateUnit, value, rate string) {
		record := `{"systemTime":"2022-02-06T17:12:35","value":` + value + `,"trendRate":` + rate + `}`
		if !json.Valid([]byte(record)) || !json.Valid([]byte(`{"unit":`+unit+`,"rateUnit":`+rateUnit+`}`)) || strings.Contains(strings.ToLower(unit+rateUnit), "egvs") {
			return
		}
		before, err := decodeEGVs(V2, []byte(`{"unit":`+unit+`,"rateUnit":`+rateUnit+`,"egvs":[`+record+`]}`), nil)
		if err != nil {
			t.Fatalf("%s %s %s: %v", unit, rateUnit, record, err)
		}
		after, err := decodeEGVs(V2, []byte(`{"egvs":[`+record+`],"unit":`+unit+`,"rateUnit":`+rateUnit+`}`), nil)
		if err != nil || !slices.Equal(before.Records, after.Records) {
			t.Errorf("%s %s %s: %+v, and with the units behind %+v, %v", unit, rateUnit, record, before.Records, after.Records, err)
		}
		for _, r := range before.Records {
			if r.MgDL < LowMgDL || r.MgDL > HighMgDL || math.Abs(r.TrendRate) > 100 || !r.HasTrendRate && r.TrendRate != 0 {
				t.Errorf("%s %s %s gave %+v", unit, rateUnit, record, r)
			}
		}
	})
}
