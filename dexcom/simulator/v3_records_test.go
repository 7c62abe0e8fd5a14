package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// diarists are people who have records beside their readings.
func diarists(t testing.TB) []*Person {
	t.Helper()
	return append(people(t), &Person{Name: "quirky", Seed: 24, Sensor: G6, Quirks: true, Swing: 90, Zone: zone(t, "America/Denver")})
}

// bodies are a person's answers for some windows of ten days.
func bodies(t testing.TB, p *Person, path string) [][]byte {
	t.Helper()
	var all [][]byte
	for n := range 12 {
		from := noon().AddDate(0, 0, -10*n)
		_, body := ask(t, New(p), p.Name, path, between(from, from.AddDate(0, 0, 10)))
		all = append(all, body)
	}
	return all
}

func TestV3RecordsHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	for kind, samples := range map[string][]string{
		"calibrations": {"calibrations.json"},
		"events":       {"events.json", "events_edge.json"},
		"alerts":       {"alerts.json"},
	} {
		var texts [][]byte
		for _, name := range samples {
			texts = append(texts, file(t, name))
		}
		allowed := shapes(t, texts...)
		for _, p := range diarists(t) {
			got := shapes(t, bodies(t, p, "/v3/users/self/"+kind)...)
			got.within(t, allowed)
			if empty := got[".records[]"] == nil; empty != (kind == "calibrations" && !p.v2Covers() || kind == "events" && p.Sensor == OnePlus) {
				t.Errorf("%s: %s empty: %v", p.Name, kind, empty)
			} else if !empty {
				want := shapes(t, file(t, samples[0]))
				if p.Sensor == G5 { // known before that field
					delete(want, ".records[].transmitterGenerationVariant")
				}
				got.covers(t, want)
			}
		}
	}
}

func TestV3PlainRecordsHaveEveryKeyEachTime(t *testing.T) {
	t.Parallel()
	for kind, keys := range map[string]int{"calibrations": 10, "events": 14, "alerts": 10} {
		for _, p := range diarists(t) {
			keys := keys
			if p.Sensor == G5 { // known before transmitterGenerationVariant
				keys--
			}
			for _, r := range records(t, New(p), p.Name, "/v3/users/self/"+kind, between(noon(), noon().AddDate(0, 0, 20))) {
				if !p.Quirks && len(r) != keys {
					t.Fatalf("%s: %d keys in %v, want %d", p.Name, len(r), r, keys)
				}
			}
		}
	}
}

func TestV3EmptyRecords(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"calibrations", "events", "alerts"} {
		_, body := ask(t, New(people(t)...), "plain", "/v3/users/self/"+kind, between(time.Unix(0, 0), time.Unix(86400, 0)))
		if got, want := shapeOf(t, body), shapeOf(t, file(t, kind+"_empty.json")); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		var envelope struct{ RecordType, RecordVersion, UserID string }
		if err := json.Unmarshal(body, &envelope); err != nil || envelope.RecordType+"s" != kind || envelope.RecordVersion != "3.0" {
			t.Errorf("%s: %+v, %v", kind, envelope, err)
		}
	}
}

func TestV3RecordsWindow(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	good := between(noon(), noon().Add(time.Hour))
	for _, kind := range []string{"calibrations", "events", "alerts"} {
		for _, x := range []struct {
			query url.Values
			want  int
		}{
			{good, 200},
			{between(noon(), noon().AddDate(0, 0, 30)), 200},
			{between(noon(), noon().AddDate(0, 0, 30).Add(time.Second)), 400},
			{nil, 400},
			{url.Values{"startDate": good["endDate"], "endDate": good["startDate"]}, 400},
			{url.Values{"startDate": good["startDate"], "endDate": {"tomorrow"}}, 400},
			{between(time.Unix(0, 0), time.Unix(3600, 0)), 200},
			{between(noon().AddDate(74, 0, 0), noon().AddDate(74, 0, 1)), 200},
		} {
			status, body := ask(t, c, "odd", "/v3/users/self/"+kind, x.query)
			if status != x.want || status == http.StatusBadRequest && shapeOf(t, body) != shapeOf(t, file(t, "error_data_400_ASSUMED.json")) {
				t.Errorf("%s?%s answers %d: %s", kind, x.query.Encode(), status, body)
			}
		}
	}
}

// Each oddity that real answers have shows up.
func TestV3OddRecordsShow(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for seed := range uint64(4) {
		p := &Person{Name: "p", Seed: seed, Sensor: G6, Quirks: true, Swing: 90}
		for _, kind := range []string{"calibrations", "events", "alerts"} {
			for _, body := range bodies(t, p, "/v3/users/self/"+kind) {
				p.noteOddities(t, body, seen)
			}
		}
	}
	for _, want := range []string{
		"type calibration", "type calibrations", "type event", "type events", "type alert", "type alerts", "twice", "in order", "in disorder",
		"unit null", "unit mg/dL", "unit unknown", "unit ", "value -1", "value -1.00", "value ", "value 0.00", "value a number",
		"eventType note", "eventType notes", "eventType unknown", "eventType sleep", "eventSubType unknown", "eventSubType other",
		"eventSubType null", "eventSubType absent", "eventStatus updated", "eventStatus deleted",
		"alertState unknown", "alertName fixedLow", "alertName urgentLow", "displayApp absent", "transmitterId ",
	} {
		if seen[want] == 0 {
			t.Errorf("%q never happened: %v", want, seen)
		}
	}
}

// noteOddities counts what there is in a body.
func (p *Person) noteOddities(t *testing.T, body []byte, seen map[string]int) {
	t.Helper()
	var envelope struct {
		RecordType string
		Records    []map[string]any
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	seen["type "+envelope.RecordType]++
	ids := make(map[any]bool)
	var days []string
	for _, r := range envelope.Records {
		if ids[r["recordId"]] {
			seen["twice"]++
		}
		ids[r["recordId"]] = true
		at, _ := r["systemTime"].(string)
		days = append(days, at[:10])
		for _, key := range []string{"unit", "value", "eventType", "eventSubType", "eventStatus", "alertState", "alertName", "displayApp", "transmitterId"} {
			switch v, ok := r[key]; x := v.(type) {
			case nil:
				seen[key+map[bool]string{true: " null", false: " absent"}[ok]]++
			case string:
				seen[key+" "+x]++
			default:
				seen[key+" a number"]++
			}
		}
	}
	if slices.IsSortedFunc(days, func(a, b string) int { return strings.Compare(b, a) }) {
		seen["in order"]++
	} else {
		seen["in disorder"]++
	}
}

func TestRecordsAreGuarded(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for _, path := range []string{
		"/v3/users/self/calibrations", "/v3/users/self/events", "/v3/users/self/alerts",
		"/v2/users/self/calibrations", "/v2/users/self/events", "/v2/users/self/devices", "/v2/users/self/dataRange",
	} {
		for method, want := range map[string]int{http.MethodGet: 401, http.MethodPost: 405} {
			r := httptest.NewRequest(method, path, nil)
			if method == http.MethodPost {
				r.Header.Set("Authorization", "Bearer "+c.AccessToken("hourly"))
			}
			if status, body := send(t, c, r); status != want {
				t.Errorf("%s %s answers %d: %s", method, path, status, body)
			}
		}
	}
}
