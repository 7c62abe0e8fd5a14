package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// recordsV2 asks for the only member of a v2 answer.
func recordsV2(t testing.TB, c *Cloud, name, member string, from, to time.Time) []map[string]any {
	t.Helper()
	status, body := ask(t, c, name, "/v2/users/self/"+member, between(from, to))
	if status != http.StatusOK {
		t.Fatalf("%s of %v to %v answers %d: %s", member, from, to, status, body)
	}
	var answer map[string][]map[string]any
	if err := json.Unmarshal(body, &answer); err != nil || len(answer) != 1 || answer[member] == nil {
		t.Fatalf("no %s (%v): %s", member, err, body)
	}
	return answer[member]
}

func TestV2RecordsHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	for member, allowed := range map[string]shape{
		"calibrations": shapes(t, sampleV2(t, "calibrations.json")),
		"events":       shapes(t, sampleV2(t, "events.json"), sampleV2(t, "events_edge.json")),
	} {
		for _, p := range diarists(t) {
			got := shapes(t, bodies(t, p, "/v2/users/self/"+member)...)
			got.within(t, allowed)
			if p.v2Covers() {
				got.covers(t, allowed)
			}
			_, empty := ask(t, New(p), p.Name, "/v2/users/self/"+member, between(time.Unix(0, 0), time.Unix(1, 0)))
			if got, want := shapeOf(t, empty), shapeOf(t, sampleV2(t, member+"_empty.json")); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", p.Name, got, want)
			}
		}
	}
}

func TestV2RecordsWindow(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for _, member := range []string{"calibrations", "events", "devices"} {
		for to, want := range map[time.Time]int{
			noon().AddDate(0, 0, 90):                  200,
			noon().AddDate(0, 0, 90).Add(time.Second): 400,
			noon():                   400,
			noon().Add(-time.Second): 400,
			noon().Add(time.Second):  200,
		} {
			if status, body := ask(t, c, "hourly", "/v2/users/self/"+member, between(noon(), to)); status != want {
				t.Errorf("%s to %v answers %d: %s", member, to, status, body)
			}
		}
		if status, body := ask(t, c, "hourly", "/v2/users/self/"+member, nil); status != http.StatusBadRequest {
			t.Errorf("%s without a window answers %d: %s", member, status, body)
		}
	}
}

func TestV2EventsTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, p := range diarists(t) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			from, to := now.AddDate(0, 0, -40), now.AddDate(0, 0, 5)
			truth := eventsByID(slices.DeleteFunc(p.Events(from, to, now), func(e Event) bool {
				return !p.v2Covers() || e.Type == "bloodGlucose" || e.Type == "notes"
			}))
			seen := newestByID(t, "eventId", recordsV2(t, New(p), p.Name, "events", from, to))
			for id, r := range seen {
				p.checkEventV2(t, r, truth[id])
			}
			for id, e := range truth {
				if seen[id] == nil && e.Type != "unknown" { // of any kind
					t.Errorf("%s: missing %+v", p.Name, e)
				}
			}
		})
	}
}

func (p *Person) checkEventV2(t *testing.T, r map[string]any, truth Event) {
	t.Helper()
	if truth.Status == updated {
		truth.Status = created
	}
	kind, subtype := r["eventType"], r["eventSubType"]
	if kind == "sleep" {
		kind = "unknown"
	}
	if subtype == "other" {
		subtype = "unknown"
	}
	if subtype == nil {
		subtype = ""
	}
	value, _ := r["value"].(float64)
	if kind != truth.Type || subtype != truth.SubType || r["eventStatus"] != truth.Status ||
		max(value, 0) != truth.Value || truth.HasValue && r["unit"] != truth.Unit ||
		!shows(r["systemTime"], truth.SystemTime, time.UTC) || !shows(r["displayTime"], truth.SystemTime, p.zone()) {
		t.Errorf("%s: %v, want %+v", p.Name, r, truth)
	}
}

func TestV2CalibrationsTellTheTruthNewestFirst(t *testing.T) {
	t.Parallel()
	for _, p := range diarists(t) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			truth := p.Calibrations(now.AddDate(0, 0, -90), now, now)
			slices.Reverse(truth)
			got := recordsV2(t, New(p), p.Name, "calibrations", now.AddDate(0, 0, -90), now)
			if !p.Quirks && len(got) != len(truth) || len(got) < len(truth) {
				t.Fatalf("%s: %d calibrations, want %d", p.Name, len(got), len(truth))
			}
			for i, r := range got {
				known := func(c Calibration) bool {
					return r["value"] == float64(c.Value) && shows(r["systemTime"], c.SystemTime, time.UTC) &&
						shows(r["displayTime"], c.SystemTime, p.zone()) && r["unit"] == "mg/dL"
				}
				if p.Quirks && !slices.ContainsFunc(truth, known) || !p.Quirks && !known(truth[i]) {
					t.Errorf("%s: %v is not true", p.Name, r)
				}
			}
		})
	}
}
