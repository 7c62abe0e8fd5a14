package simulator

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestDate(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 2, 6, 9, 12, 35, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2025-02-06T09:12:35":      at,
		"2025-02-06T09:12:35.1":    at.Add(100 * time.Millisecond),
		"2025-02-06T09:12:35.123":  at.Add(123 * time.Millisecond),
		"2025-02-06T9:12:35":       {},
		"2025-2-06T09:12:35":       {},
		"2025-02-06 09:12:35":      {},
		"2025-02-06T09:12:35,123":  {},
		"2025-02-06T09:12:35.1234": {},
		"2025-02-06T09:12:35+0000": {},
		"2025-02-06T09:12:35 ":     {},
		"2025-02-06T09:12":         {},
		"2025-02-06":               {},
		"2025-02-30T09:12:35":      {},
		"2025-02-06T09:12:60":      {},
		"2025-02-06T24:00:00":      {},
		"1738833155":               {},
		"":                         {},

		// These have a zone, which Dexcom's examples never do.
		"2025-02-06T09:12:35Z":      {},
		"2025-02-06T09:12:35.123Z":  {},
		"2025-02-06T09:12:35+00:00": {},
		"2025-02-06T09:12:35-08:00": {},
	} {
		got, err := date(url.Values{"startDate": {text}}, "startDate")
		if (err == nil) == want.IsZero() || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func FuzzWindow(f *testing.F) {
	for _, text := range []string{
		"2025-02-06T09:12:35", "2025-02-06T09:12:35.999Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
		"1970-01-01T00:00:00", "2099-01-01T00:00:00", "-001-01-01T00:00:00", "", "T", "2025-02-06T09:12:35+00:00",
	} {
		f.Add(text, "2025-02-06T10:12:35")
		f.Add("2025-02-06T08:12:35", text)
	}
	c := New(people(f)...)
	f.Fuzz(func(t *testing.T, startDate, endDate string) {
		query := url.Values{"startDate": {startDate}, "endDate": {endDate}}
		status, body := ask(t, c, "odd", "/v3/users/self/egvs", query)
		start, end, err := window(query, v3Window)
		switch {
		case err != nil && status != http.StatusBadRequest:
			t.Fatalf("%d in spite of %v", status, err)
		case err == nil && status != http.StatusOK:
			t.Fatalf("%d: %s", status, body)
		case err == nil && (!end.After(start) || end.Sub(start) > v3Window):
			t.Fatalf("accepts %v to %v", start, end)
		}
	})
}

func FuzzLastSyncTime(f *testing.F) {
	for _, text := range []string{
		"2025-02-06T09:12:35Z", "2025-02-06T09:12:35", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "",
		"2025-02-06T09:12:35-06:59:58", "2099-01-01T00:00:00+14:00",
	} {
		f.Add(text)
	}
	c := New(people(f)...)
	f.Fuzz(func(t *testing.T, text string) {
		status, body := ask(t, c, "one", "/v3/users/self/dataRange", url.Values{"lastSyncTime": {text}})
		if status != http.StatusOK && status != http.StatusBadRequest {
			t.Fatalf("%q: %d %s", text, status, body)
		}
	})
}
