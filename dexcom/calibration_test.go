package dexcom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func calibrationSamples() map[string][]string {
	return map[string][]string{
		"v2/calibrations.json": {
			" 2022-02-06T15:31:02Z 118",
			" 2022-02-05T15:12:44Z 96",
		},
		"v2/calibrations_empty.json": nil,
		"v3/calibrations.json": {
			"dd547718-baa3-55c3-b8bf-8b1b6c0dbe66 2025-02-06T15:31:02Z 118",
			"ea0cfb24-1ea3-5a0e-951e-2a3479bd1708 2025-01-29T03:59:11Z 124",
			"33216cf8-ca5c-5032-9a2a-bde55f197c46 2025-01-28T03:59:11Z 86",
		},
		"v3/calibrations_empty.json": nil,
	}
}

func calibrationLine(c Calibration) string {
	return fmt.Sprint(c.ID, " ", c.Time.Format(time.RFC3339Nano), " ", c.MgDL)
}

func TestCalibrationSamples(t *testing.T) {
	t.Parallel()
	checkSamples(t, calibrationSamples(), decodeCalibrations, calibrationLine)
}

func TestBadCalibrations(t *testing.T) {
	t.Parallel()
	checkBadBodies(t, "calibrations", decodeCalibrations)
	checkRecords(t, "calibrations", decodeCalibrations, calibrationLine, map[string]string{
		`null`:                                  SkipType,
		`[]`:                                    SkipType,
		`"text"`:                                SkipType,
		`{}`:                                    SkipTime,
		`{"value":118}`:                         SkipTime,
		`{"systemTime":null,"value":118}`:       SkipTime,
		`{"systemTime":1738855955,"value":118}`: SkipTime,
		`{"systemTime":"1970-01-01T00:00:00Z","value":118}`:                           SkipTime,
		`{"systemTime":"2025-02-06T15:31:02"}`:                                        SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":null}`:                           SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":{}}`:                             SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":"high"}`:                         SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":19.9}`:                           SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":600.5}`:                          SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":-118}`:                           SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":1e308,"unit":"mmol/L"}`:          SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":118,"unit":"mmol/L"}`:            SkipValue,
		`{"systemTime":"2025-02-06T15:31:02","value":20}`:                             " 2025-02-06T15:31:02Z 20",
		`{"systemTime":"2025-02-06T15:31:02","value":600,"unit":17}`:                  " 2025-02-06T15:31:02Z 600",
		`{"systemTime":"2025-02-06T15:31:02","value":"118","unit":"unknown"}`:         " 2025-02-06T15:31:02Z 118",
		`{"systemTime":"2025-02-06T15:31:02","value":6.5,"unit":"mmol/L"}`:            " 2025-02-06T15:31:02Z 117.101",
		`{"recordId":7,"systemTime":"2025-02-06T07:31-08:00","value":118}`:            "7 2025-02-06T15:31:00Z 118",
		`{"recordId":[],"systemTime":"2099-01-01T00:00:00Z","value":118,"more":[{}]}`: " 2099-01-01T00:00:00Z 118",
	})
}

// Reconnecting an account delivers its history again, with other ids at times.
func TestCalibrationsComeOnceAndInOrder(t *testing.T) {
	t.Parallel()
	const day = "2025-02-06T"
	record := func(id, clock string, value int) string {
		return fmt.Sprintf(`{"recordId":%q,"systemTime":%q,"value":%d}`, id, day+clock, value)
	}
	for version, test := range map[Version]struct{ records, want []string }{
		V3: {
			[]string{record("b", "12:00:00Z", 120), record("a", "12:00:00Z", 110), record("b", "12:00:00Z", 120), record("c", "08:00:00Z", 100), `17`},
			[]string{"c 2025-02-06T08:00:00Z 100", "a 2025-02-06T12:00:00Z 110", "b 2025-02-06T12:00:00Z 120"},
		},
		V2: {
			[]string{record("", "12:00:00", 120), record("", "12:00:00Z", 120), record("", "12:00:01", 120), record("", "08:00:00", 100), `17`},
			[]string{" 2025-02-06T08:00:00Z 100", " 2025-02-06T12:00:00Z 120", " 2025-02-06T12:00:01Z 120"},
		},
	} {
		client := serveVersion(t, version, func(w http.ResponseWriter, r *http.Request) {
			if want := "/prefix/" + string(version) + "/users/self/calibrations"; r.URL.Path != want {
				t.Errorf("asked %s, want %s", r.URL.Path, want)
			}
			_, _ = w.Write(listBody(version, "calibrations", test.records...))
		})
		list, err := client.Calibrations(t.Context(), at("2025-02-01T00:00:00Z"), at("2025-02-07T00:00:00Z"))
		var got []string
		for _, c := range list.Records {
			got = append(got, calibrationLine(c))
		}
		if strings.Join(got, "\n") != strings.Join(test.want, "\n") || err != nil || len(list.Skipped) != 1 {
			t.Errorf("%s: %q, skipped %v, %v; want %q", version, got, list.Skipped, err, test.want)
		}
	}
}

func FuzzDecodeCalibrations(f *testing.F) {
	const good = `{"recordId":"a","systemTime":"2025-02-06T15:31:02Z","value":118}`
	isGood := func(c Calibration) bool { return c.ID == "a" && c.MgDL == 118 }
	holds := func(c Calibration) bool { return c.MgDL >= 20 && c.MgDL <= 600 && c.Time.Year() >= 2006 }
	fuzzRecords(f, "calibrations", good, calibrationSamples(), decodeCalibrations, isGood, holds)
}
