package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// shareReadingSamples are lines of time, time on the person's clock, value and arrow,
// oldest first.
func shareReadingSamples() map[string][]string {
	return map[string][]string{
		"share/readings_empty.json":    nil,
		"share/readings_latest_1.json": {"2025-02-06T16:57:35Z 12:57:35-04:00 187 0 flat"},
		"share/readings_legacy_numeric_trend.json": {
			"2015-03-01T00:00:39Z 17:00:39-07:00 108 0 flat",
		},
		"share/readings_window.json": {
			"2025-02-06T16:57:35Z 12:57:35-04:00 187 0 flat",
			"2025-02-06T17:02:35Z 13:02:35-04:00 185 0 fortyFiveDown",
			"2025-02-06T17:07:35Z 13:07:35-04:00 179 0 fortyFiveDown",
			"2025-02-06T17:12:35Z 13:12:35-04:00 176 0 flat",
		},
		"share/readings_edge.json": {
			"2025-02-06T16:42:35Z 02:12:35+09:30 110 0 notComputable",
			"2025-02-06T16:52:35Z 02:22:35+09:30 250 0 rateOutOfRange",
			"2025-02-06T16:57:35Z 02:27:35+09:30 121 0 none",
			"2025-02-06T17:02:35Z 02:32:35+09:30 118 0 notComputable",
			"2025-02-06T17:07:35Z 02:37:35+09:30 401 1 doubleUp",
			"2025-02-06T17:12:35Z 02:42:35+09:30 39 -1 doubleDown",
			"skipped: value",
		},
	}
}

func shareLine(r Reading) string {
	display := "none"
	if !r.DisplayTime.IsZero() {
		display = r.DisplayTime.Format("15:04:05-07:00")
	}
	return fmt.Sprintln(r.Time.Format(time.RFC3339Nano), display, r.MgDL, r.OutOfRange(), arrowName(r.Trend))
}

func shareLines(list List[Reading]) (lines []string) {
	for _, r := range list.Records {
		lines = append(lines, strings.TrimSpace(shareLine(r)))
	}
	for _, skip := range list.Skipped {
		lines = append(lines, "skipped: "+skip.Reason)
	}
	return lines
}

func TestShareReadingSamples(t *testing.T) {
	t.Parallel()
	for name, want := range shareReadingSamples() {
		list, err := decodeShareReadings(sample(t, name))
		if got := shareLines(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\ngot\n\t%s\nwant\n\t%s", name, err, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
		for _, r := range list.Records {
			if r.ID != "" || r.HasTrendRate || r.Provisional || r.TransmitterAge != 0 || r.Generation != UnknownGeneration {
				t.Errorf("%s: %+v has what Share has not", name, r)
			}
		}
	}
}

func TestShareRecords(t *testing.T) {
	t.Parallel()
	const when = `"WT":"Date(1738861955438)","DT":"Date(1738861955438-0400)"`
	const read = "2025-02-06T17:12:35Z 13:12:35-04:00 "
	for record, want := range map[string]string{
		`{` + when + `,"Value":100,"Trend":"Flat"}`:              read + "100 0 flat",
		`{` + when + `,"Value":"100","Trend":"4"}`:               read + "100 0 flat",
		`{` + when + `,"Value":100,"Trend":"RATE OUT OF RANGE"}`: read + "100 0 rateOutOfRange",
		`{` + when + `,"Value":100,"Trend":"forty_five up"}`:     read + "100 0 fortyFiveUp",
		`{` + when + `,"Value":100,"Trend":0}`:                   read + "100 0 none",
		`{` + when + `,"Value":100,"Trend":1}`:                   read + "100 0 doubleUp",
		`{` + when + `,"Value":100,"Trend":7}`:                   read + "100 0 doubleDown",
		`{` + when + `,"Value":100,"Trend":9}`:                   read + "100 0 rateOutOfRange",
		`{` + when + `,"Value":100,"Trend":10}`:                  read + "100 0 none",
		`{` + when + `,"Value":100,"Trend":-1}`:                  read + "100 0 none",
		`{` + when + `,"Value":100,"Trend":{"a":[]}}`:            read + "100 0 none",
		`{` + when + `,"Value":100}`:                             read + "100 0 none",
		`{` + when + `,"Value":39}`:                              read + "39 -1 none",
		`{` + when + `,"Value":40}`:                              read + "40 0 none",
		`{` + when + `,"Value":400}`:                             read + "400 0 none",
		`{` + when + `,"Value":555}`:                             read + "401 1 none",
		`{` + when + `,"Value":38}`:                              "skipped: value", // an error code of a receiver
		`{` + when + `,"Value":12}`:                              "skipped: value",
		`{` + when + `,"Value":0}`:                               "skipped: value",
		`{` + when + `,"Value":-100}`:                            "skipped: value",
		`{` + when + `,"Value":5000}`:                            "skipped: value",
		`{` + when + `,"Value":null}`:                            "skipped: value",
		`{` + when + `}`:                                         "skipped: value",
		// the first time that can be read
		`{"ST":"Date(1738861955438)","Value":100}`:                                   "2025-02-06T17:12:35Z none 100 0 none",
		`{"WT":"soon","DT":"/Date(1738861955438+0100)/","ST":"Date(0)","Value":100}`: "2025-02-06T17:12:35Z 18:12:35+01:00 100 0 none",
		`{"WT":null,"DT":7,"ST":"Date(1738861955438)","Value":100}`:                  "2025-02-06T17:12:35Z none 100 0 none",
		`{"WT":"Date(1738861955438)","DT":"Date(1738861955438)","Value":100}`:        "2025-02-06T17:12:35Z none 100 0 none",
		`{"WT":"Date(1738861955438)","DT":"Date(1738861955438-1300)","Value":100}`:   "2025-02-06T17:12:35Z none 100 0 none",
		`{"WT":"Date(4070908800000)","Value":100}`:                                   "2099-01-01T00:00:00Z none 100 0 none", // the collector's to judge
		`{"WT":"Date(0)","DT":"Date(1738861955438)","Value":100}`:                    "skipped: time",
		`{"WT":"Date(-2208988800000)","Value":100}`:                                  "skipped: time",
		`{"Value":100}`: "skipped: time",
		`{"WT":["Date(1738861955438)"],"Value":100}`: "skipped: time",
		`null`: "skipped: type", `7`: "skipped: type", `"x"`: "skipped: type", `[]`: "skipped: type",
	} {
		list, err := decodeShareReadings([]byte("[" + record + "]"))
		if got := strings.Join(shareLines(list), "; "); err != nil || got != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", record, err, got, want)
		}
	}
}

func TestShareReadingsAreSortedAndGivenOnce(t *testing.T) {
	t.Parallel()
	list, err := decodeShareReadings([]byte(`[
		{"WT":"Date(1738861955438)","Value":100,"Trend":"Flat"}, {"WT":"Date(1738861655438)","Value":90},
		{"WT":"/Date(1738861955999)/","Value":100,"Trend":4}, {"WT":"Date(1738861955000)","Value":101}, {"WT":"Date(1738861956000)","Value":100}]`))
	got := strings.Join(shareLines(list), ", ")
	want := "2025-02-06T17:07:35Z none 90 0 none, 2025-02-06T17:12:35Z none 100 0 flat, 2025-02-06T17:12:35Z none 101 0 none, 2025-02-06T17:12:36Z none 100 0 none"
	if err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
}

func TestBadShareReadings(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		``: errNotJSON, ` `: errNotJSON, `<html>502`: errHTML, `null`: errNoRecords, `12`: errNoRecords, `{}`: errNoRecords, `"x"`: errNoRecords,
		`[`: errNotJSON, `[{"WT":`: errNotJSON, `[] more`: errNotJSON, `[][]`: errNotJSON, `[]`: nil,
		`[` + strings.Repeat("0,", maxRecords) + `0]`: errTooMany, strings.Repeat("[", 100_000): errNotJSON,
	} {
		if list, err := decodeShareReadings([]byte(body)); !errors.Is(err, want) || len(shareLines(list)) > 0 {
			t.Errorf("%.40s: %d lines, %v; want %v", body, len(shareLines(list)), err, want)
		}
	}
}

func TestShareClocks(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		string(sample(t, shareClockSample)):        "2025-02-06T17:13:10.123Z",
		`"Date(1738861990123)"`:                    "2025-02-06T17:13:10.123Z",
		` "2025-02-06T17:13:10.5Z" `:               "2025-02-06T17:13:10.5Z",
		`{"DateTime":"2025-02-06T18:13:10+01:00"}`: "2025-02-06T17:13:10Z",
		`{"DateTime":"/Date(0)/"}`:                 errNoServerTime.Error(),
		`{"DateTime":null}`:                        errNoServerTime.Error(),
		`{"DateTime":{}}`:                          errNoServerTime.Error(),
		`{}`:                                       errNoServerTime.Error(),
		`null`:                                     errNoServerTime.Error(),
		`[]`:                                       errNoServerTime.Error(),
		``:                                         errNotJSON.Error(),
		`{"DateTime":"/Date(1738861990123)/"`:      errNotJSON.Error(),
		`<SystemTime xmlns="x"><DateTime>2025-02-06`: errHTML.Error(),
	} {
		now, err := decodeShareClock([]byte(body))
		got := now.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

// FuzzDecodeShareReadings puts any text beside a good record: a body that is read
// must not lose the good one, nor give a record that does not hold what it promises.
func FuzzDecodeShareReadings(f *testing.F) {
	for name := range shareReadingSamples() {
		var records []json.RawMessage
		if err := json.Unmarshal(sample(f, name), &records); err != nil {
			f.Fatal(err)
		}
		for _, record := range records {
			f.Add(string(record))
		}
	}
	f.Add(`null`)
	f.Add(`{"WT":{"a":1},"DT":[],"Value":[[]],"Trend":{}}`)
	f.Add(`{"WT":"Date(9223372036854775807-1400)","Value":1e400}`)
	const good = `{"WT":"Date(1738861955438)","Value":131}`
	f.Fuzz(func(t *testing.T, record string) {
		list, err := decodeShareReadings([]byte("[" + good + "," + record + "]"))
		if err != nil {
			return
		}
		if !slices.ContainsFunc(list.Records, func(r Reading) bool { return r.MgDL == 131 && r.Time.Unix() == 1738861955 }) {
			t.Errorf("the good record is lost beside %q", record)
		}
		for _, r := range list.Records {
			if r.MgDL < LowMgDL || r.MgDL > HighMgDL || r.Time.Year() < 2006 || r.Time.Nanosecond() != 0 || r.Trend < TrendNone || r.Trend > RateOutOfRange {
				t.Errorf("%q gave %+v", record, r)
			}
		}
	})
}

// FuzzDecodeShareClock reads any body as the time of Share's clock.
func FuzzDecodeShareClock(f *testing.F) {
	f.Add(sample(f, shareClockSample))
	for _, body := range []string{
		``, `null`, `[]`, `<html>`, `{"DateTime":null}`, `{"DateTime":"Date(1e12)"}`, `"Date(9223372036854775807+1400)"`, `"2099-01-01T00:00:00-14:00"`,
		`{"DateTime":"Date(0)"}`, `{"datetime":"0000-01-01T00:00"}`, `{"DateTime":"9999-12-31T23:59:60-14:00"}`, "\"Date(\xff)\"", `1738861990123`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		now, err := decodeShareClock(body)
		switch {
		case err != nil && (!now.IsZero() || !isDecoding(err) && !errors.Is(err, errNoServerTime)):
			t.Errorf("%q: %v beside %v", body, now, err)
		case err == nil && (now.Year() < 2006 || now.Year() > 9999 || now.Location() != time.UTC):
			t.Errorf("%q: %v", body, now)
		}
	})
}
