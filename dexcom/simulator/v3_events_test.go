package simulator

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

const eventsPath = "/v3/users/self/events"

// eventsByID is the truth by record id.
func eventsByID(events []Event) map[string]Event {
	truth := make(map[string]Event)
	for _, e := range events {
		truth[e.RecordID] = e
	}
	return truth
}

func TestV3EventsTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, p := range diarists(t) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			from, to := now.AddDate(0, 0, -20), now.AddDate(0, 0, 5)
			truth := eventsByID(p.Events(from, to, now))
			seen := newestByID(t, "recordId", records(t, New(p), p.Name, eventsPath, between(from, to)))
			for id, r := range seen {
				if text := p.eventMismatch(r, truth[id]); text != "" {
					t.Errorf("%s: %s in %v, want %+v", p.Name, text, r, truth[id])
				}
			}
			if len(seen) != len(truth) {
				t.Errorf("%s: %d events, want %d", p.Name, len(seen), len(truth))
			}
		})
	}
}

// newestByID is what a careful client keeps of records: of each id what was
// deleted, or what was recorded last. No record is recorded first.
func newestByID(t testing.TB, key string, all []map[string]any) map[string]map[string]any {
	t.Helper()
	newest := make(map[string]map[string]any)
	for _, r := range all {
		id, _ := r[key].(string)
		known, ok := newest[id]
		if !ok || known["eventStatus"] != deleted && (r["eventStatus"] == deleted || recorded(t, r).After(recorded(t, known))) {
			newest[id] = r
		}
	}
	return newest
}

// recorded is when a record was made; zero is not later than its systemTime.
func recorded(t testing.TB, r map[string]any) time.Time {
	t.Helper()
	if r["recordedSystemTime"] == nil {
		return time.Time{}
	}
	at, ok := understand(r["recordedSystemTime"], time.UTC)
	if !ok {
		t.Fatalf("recordedSystemTime of %v", r)
	}
	return at
}

// eventMismatch reads a record as a careful client does, and names what is not
// as the truth says.
func (p *Person) eventMismatch(r map[string]any, truth Event) string {
	kind, _ := r["eventType"].(string)
	if kind == "note" {
		kind = "notes"
	}
	if !slices.Contains(eventKinds(), kind) {
		kind = "unknown"
	}
	subtype, _ := r["eventSubType"].(string)
	if subtype == "other" {
		subtype = "unknown"
	}
	var value float64
	switch v := r["value"].(type) {
	case float64:
		value = v
	case string:
		value, _ = strconv.ParseFloat(v, 64)
		if kind == "notes" && v != truth.Text {
			return "text"
		}
	}
	if value < 0 {
		value = 0
	}
	unit, _ := r["unit"].(string)
	system, okSystem := understand(r["systemTime"], time.UTC)
	display, okDisplay := understand(r["displayTime"], p.zone())
	switch {
	case kind != truth.Type:
		return "eventType"
	case subtype != truth.SubType:
		return "eventSubType"
	case kind != "notes" && (value != truth.Value || truth.HasValue && unit != truth.Unit):
		return "value"
	case r["eventStatus"] != truth.Status:
		return "eventStatus"
	case !okSystem || !system.Equal(truth.SystemTime) || !okDisplay || !display.Equal(truth.SystemTime):
		return "time"
	}
	return ""
}

func TestV3EventsAreNewestFirstAndValuesAreTexts(t *testing.T) {
	t.Parallel()
	p := &Person{Name: "p", Seed: 3, Zone: zone(t, "Europe/Berlin")}
	last := ""
	for _, r := range records(t, New(p), "p", eventsPath, between(noon(), noon().AddDate(0, 0, 30))) {
		at, _ := r["systemTime"].(string)
		if last != "" && at > last {
			t.Errorf("%s after %s", at, last)
		}
		last = at
		if _, number := r["value"].(float64); number || r["value"] == nil && r["eventType"] != "health" {
			t.Errorf("the value of %v is no text", r)
		}
	}
}

func BenchmarkV3Events(b *testing.B) {
	p := &Person{Name: "p", Seed: 1}
	c := New(p)
	for b.Loop() {
		ask(b, c, "p", eventsPath, between(noon(), noon().AddDate(0, 0, 14)))
	}
}
