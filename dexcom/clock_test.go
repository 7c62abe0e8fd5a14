package dexcom

import (
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	const none = ""
	for text, want := range map[string]string{
		"2025-02-06T17:12:35Z":           "2025-02-06T17:12:35Z",
		"2025-02-06T17:12:35":            "2025-02-06T17:12:35Z",
		"2025-02-06T17:12:35.438Z":       "2025-02-06T17:12:35.438Z",
		"2025-02-06T17:12:35+00:00":      "2025-02-06T17:12:35Z",
		"2025-02-06T09:12:35-08:00":      "2025-02-06T17:12:35Z",
		"2025-02-06T22:57:35+0545":       "2025-02-06T17:12:35Z",
		"2025-02-06T10:02:34-06:59:58":   "2025-02-06T17:02:32Z",
		"2021-02-03T14:15Z":              "2021-02-03T14:15:00Z",
		"2025-02-06 17:12:35":            "2025-02-06T17:12:35Z",
		"2025-2-6T7:2:5Z":                "2025-02-06T07:02:05Z",
		" 2025-02-06t17:12:35z ":         "2025-02-06T17:12:35Z",
		"2024-02-29T00:00:00Z":           "2024-02-29T00:00:00Z",
		"2016-12-31T23:59:60Z":           "2017-01-01T00:00:00Z",
		"2025-02-06T17:12:35.123456789Z": "2025-02-06T17:12:35.123457Z",
		"2099-12-31T23:59:59Z":           "2099-12-31T23:59:59Z",
		"1970-01-01T00:00:00Z":           "1970-01-01T00:00:00Z",

		none: none, "now": none, "T": none, "2025-02-06": none, "17:12:35": none,
		"2025-13-06T17:12:35Z": none, "2025-02-30T17:12:35Z": none, "2025-02-29T17:12:35Z": none,
		"2025-00-10T17:12:35Z": none, "2025-01-00T17:12:35Z": none,
		"2025-02-06T25:12:35Z": none, "2025-02-06T17:60:35Z": none, "2025-02-06T17:12:61Z": none,
		"2025-02-06T17:12:35:01Z": none, "2025-02-06T17.5:12Z": none, "2025-02-06T17:12:35.Z": none,
		"2025-02-06T17:12:35.1e3Z": none, "2025-02-06T17:12:35+15:00": none, "2025-02-06T17:12:35+": none,
		"2025-02-06T-1:12:35Z": none, "2025-02-06T:::Z": none, "20250206T171235Z": none, "+025-02-06T17:12:35Z": none,
		"Date(1738861955000)": none, "1738861955": none,
		strings.Repeat("-", 1000) + "T": none, "2025-02-06T" + strings.Repeat(":", 1000): none, strings.Repeat(" ", 64) + "2025-02-06T17:12:35Z": none,
	} {
		got, _, ok := parseTime(text)
		if ok != (want != none) || ok && got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("parseTime(%q) = %v, %t; want %q", text, got, ok, want)
		}
	}
}

func TestParseTimeTellsWhetherAZoneWasThere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2025-02-06T17:12:35Z": true, "2025-02-06T17:12:35-08:00": true, "2025-02-06T17:12:35": false,
	} {
		if _, zoned, ok := parseTime(text); !ok || zoned != want {
			t.Errorf("parseTime(%q): zoned %t, ok %t; want %t", text, zoned, ok, want)
		}
	}
}

func TestDisplayTime(t *testing.T) {
	t.Parallel()
	const system = "2025-02-06T17:12:35Z"
	for display, want := range map[string]string{
		"2025-02-06T09:12:35-08:00":    "-08:00",
		"2025-02-06T10:12:34-06:59:58": "-07:00",
		"2025-02-06T22:57:35+05:45":    "+05:45",
		"2025-02-06T09:12:35":          "-08:00", // a receiver, by its two clocks
		"2025-02-06T09:21:00":          "-08:00", // and 8 minutes of drift
		"2025-02-06T22:42:35":          "+05:30",
		"2025-02-07T07:12:35":          "+14:00",
		"2025-02-09T09:12:35":          "", // no zone is that far away
		"1970-01-01T00:00:00":          "",
	} {
		systemTime, _, _ := parseTime(system)
		shown, zoned, ok := parseTime(display)
		got := displayTime(systemTime.UTC(), shown, zoned)
		if want == "" {
			if !got.IsZero() {
				t.Errorf("display %s gave %v, want none", display, got)
			}
			continue
		}
		if !ok || got.Format("-07:00") != want || !got.Equal(systemTime) {
			t.Errorf("display %s gave %v, want the instant %s at %s", display, got, system, want)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2025-02-06T17:12:35.438Z", "2025-02-06T10:02:34-06:59:58", "2021-02-03T14:15Z", "2025-02-06 7:2", "", "T-", "9999-12-31T23:59:60+14:00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, ok := parseTime(text)
		if !ok {
			return
		}
		again, _, ok := parseTime(got.UTC().Format(time.RFC3339Nano))
		if !ok || !again.Equal(got) {
			t.Errorf("parseTime(%q) = %v, which reads back as %v, %t", text, got, again, ok)
		}
	})
}
