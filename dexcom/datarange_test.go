package dexcom

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// dataRangeSamples are calibrations, EGVs and events.
func dataRangeSamples() map[string]string {
	return map[string]string{
		"v2/dataRange.json":                            "2021-11-01T14:02:11 2022-02-06T15:31:02, 2021-11-01T15:57:35 2022-02-06T17:12:35, 2021-11-01T19:00:00 2022-02-06T16:40:00",
		"v2/dataRange_no_data.json":                    "none, none, none",
		"v2/dataRange_nulls.json":                      "none, 2022-02-01T15:57:35 2022-02-06T17:12:35, none",
		"v3/dataRange.json":                            "2024-11-01T14:02:11 2025-02-06T15:31:02, 2024-11-01T15:57:35 2025-02-06T17:12:35, 2024-11-01T19:00:00 2025-02-06T16:40:00",
		"v3/dataRange_absent_keys_ASSUMED.json":        "none, none, none",
		"v3/dataRange_lastSyncTime_new_egvs_only.json": "none, 2025-02-06T16:57:35 2025-02-06T17:12:35, none",
		"v3/dataRange_no_new_data.json":                "none, none, none",
		"v3/dataRange_receiver_no_offset.json":         "none, 2021-06-01T01:10:08 2021-06-11T01:05:08, none",
	}
}

func spanText(s Span) string {
	const layout = "2006-01-02T15:04:05"
	if s == (Span{}) {
		return "none"
	}
	return s.Start.Format(layout) + " " + s.End.Format(layout)
}

func TestDataRangeSamples(t *testing.T) {
	t.Parallel()
	for name, want := range dataRangeSamples() {
		version, body := versionOf(name), sample(t, name)
		client := serveVersion(t, version, func(w http.ResponseWriter, r *http.Request) {
			if got := r.URL.String(); got != "/prefix/"+string(version)+"/users/self/dataRange" {
				t.Errorf("asked %s", got)
			}
			_, _ = w.Write(body)
		})
		ranges, err := client.DataRange(t.Context())
		got := fmt.Sprintf("%s, %s, %s", spanText(ranges.Calibrations), spanText(ranges.EGVs), spanText(ranges.Events))
		if got != want || err != nil || ranges.UserID != sampleUser(version) {
			t.Errorf("%s: %v, user %q\ngot  %s\nwant %s", name, err, string(ranges.UserID), got, want)
		}
	}
}

func TestBadDataRanges(t *testing.T) {
	t.Parallel()
	const odd = `"egvs":17,"events":[],"calibrations":{"start":null,"end":{"systemTime":{}}}`
	for _, test := range []struct {
		version Version
		body    string
		want    error
	}{
		{V3, `{"recordType":"dataRange",` + odd + `}`, nil},
		{V3, `{` + odd + `}`, errNoRange},
		{V3, `{"egvs":null}`, errNoRange},
		{V3, `{"egvs":{"start":{"systemTime":"2025-01-01T00:00:00Z"}}}`, nil},
		{V2, `{` + odd + `}`, nil},
		{V2, `{"egvs":null}`, nil},
		{V2, `{"EVENTS":null}`, nil},
		{V2, `{"recordType":"dataRange"}`, errNoRange},
		{V2, `{"error":"maintenance"}`, errNoRange},
		{V3, `{"error":"maintenance"}`, errNoRange},
		{V2, `{}`, errNoRange},
		{V3, `{}`, errNoRange},
		{V2, `null`, errNoRange},
		{V3, `null`, errNoRange},
		{V2, `[]`, errNoObject},
		{V3, `[]`, errNoObject},
		{V2, `<html>`, errHTML},
		{V3, ``, errNotJSON},
		{V2, `{"egvs":null`, errNotJSON},
	} {
		got, err := decodeDataRange(test.version, []byte(test.body))
		if !errors.Is(err, test.want) || got.Calibrations != (Span{}) {
			t.Errorf("%s: %s: %+v, %v; want %v", test.version, test.body, got, err, test.want)
		}
	}
}

// A range that lies in the future is not the same as none.
func TestDataThatIsAhead(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	const far = 70 * 365 * 24 * time.Hour
	for _, test := range []struct {
		start, end time.Duration // from now
		want       Span
	}{
		{-time.Hour, 0, Span{Start: now.Add(-time.Hour), End: now}},
		{-time.Hour, 23 * time.Hour, Span{Start: now.Add(-time.Hour), End: now.Add(23 * time.Hour)}},
		{-time.Hour, 25 * time.Hour, Span{Start: now.Add(-time.Hour), Ahead: true}},
		{-time.Hour, far, Span{Start: now.Add(-time.Hour), Ahead: true}},
		{far, far, Span{Ahead: true}},
		{25 * time.Hour, 23 * time.Hour, Span{End: now.Add(23 * time.Hour), Ahead: true}},
		{-far, -far, Span{}}, // before any sensor
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"recordType":"dataRange","egvs":{"start":{"systemTime":%q},"end":{"systemTime":%q}}}`,
				now.Add(test.start).Format(time.RFC3339), now.Add(test.end).Format(time.RFC3339))
		})
		if got, err := client.DataRange(t.Context()); err != nil || got != (DataRange{EGVs: test.want}) {
			t.Errorf("from %v to %v: %+v, %v; want %+v", test.start, test.end, got.EGVs, err, test.want)
		}
	}
}

func FuzzDecodeDataRange(f *testing.F) {
	for name := range dataRangeSamples() {
		f.Add(sample(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, version := range []Version{V2, V3} {
			ranges, err := decodeDataRange(version, body)
			for _, span := range []Span{ranges.Calibrations, ranges.EGVs, ranges.Events} {
				for _, end := range []time.Time{span.Start, span.End} {
					if !end.IsZero() && (err != nil || end.Year() < 2006 || time.Until(end) > 25*time.Hour) {
						t.Errorf("%s: %q gave %+v, %v", version, body, ranges, err)
					}
				}
			}
		}
	})
}
