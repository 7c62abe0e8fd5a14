package dexcom

import (
	"fmt"
	"testing"
	"time"
)

func TestShareDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Date(1738861955438)":          "2025-02-06T17:12:35.438Z",
		"Date(1738861955438-0400)":     "2025-02-06T13:12:35.438-04:00 zoned",
		"Date(1738861955438+0930)":     "2025-02-07T02:42:35.438+09:30 zoned",
		"Date(1738861955438+0000)":     "2025-02-06T17:12:35.438Z zoned",
		"/Date(1425168016000-0700)/":   "2015-02-28T17:00:16-07:00 zoned",
		"/Date(1425168016000)/":        "2015-03-01T00:00:16Z",
		"Date(0)":                      "1970-01-01T00:00:00Z",
		"Date(-2208988800000)":         "1900-01-01T00:00:00Z",
		"Date(-2208988800000+0100)":    "1900-01-01T01:00:00+01:00 zoned",
		"Date(4070908800000)":          "2099-01-01T00:00:00Z",
		"":                             "none",
		"Date()":                       "none",
		"Date(-)":                      "none",
		"Date(+1738861955438)":         "none",
		"Date(+0400)":                  "none",
		"Date(1738861955438":           "none",
		"1738861955438":                "none",
		"Date(1738861955438-04:00)":    "none",
		"Date(1738861955438-04)":       "none",
		"Date(1738861955438-9900)":     "none",
		"Date(1738861955438-0400-0400": "none",
		"Date(17388.5)":                "none",
		"Date(0x10)":                   "none",
		"Date(1_000)":                  "none",
		"Date(9223372036854775807)":    "none",
		"Date(-9223372036854775808)":   "none",
		"Date(92233720368547758070)":   "none",
		"2025-02-06T17:12:35Z":         "none",
	} {
		got := "none"
		if date, zoned, ok := parseShareDate(text); ok {
			got = date.Format(time.RFC3339Nano)
			if zoned {
				got += " zoned"
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Whatever is read is written again as the same instant.
func FuzzShareDate(f *testing.F) {
	for _, text := range []string{"Date(1738861955438-0400)", "/Date(0)/", "Date(-1+1400)", "Date(", "Date(1-)", "/Date(--1)/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		date, _, ok := parseShareDate(text)
		if !ok {
			return
		}
		if _, offset := date.Zone(); offset < -14*3600 || offset > 14*3600 {
			t.Errorf("%q is %v", text, date)
		}
		written := fmt.Sprintf("/Date(%d%s)/", date.UnixMilli(), date.Format("-0700"))
		if again, zoned, ok := parseShareDate(written); !ok || !zoned || !again.Equal(date) {
			t.Errorf("%q is %v, but %s is %v, %t", text, date, written, again, ok)
		}
		if _, err := date.MarshalText(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
