package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const v2EGVsPath = "/v2/users/self/egvs"

func sampleV2(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../testdata/v2/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// egvsV2 asks for the v2 values of a window.
func egvsV2(t testing.TB, c *Cloud, name string, from, to time.Time) []map[string]any {
	t.Helper()
	status, body := ask(t, c, name, v2EGVsPath, between(from, to))
	if status != http.StatusOK {
		t.Fatalf("%v to %v answers %d: %s", from, to, status, body)
	}
	var answer struct {
		EGVs []map[string]any `json:"egvs"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.EGVs == nil {
		t.Fatalf("no egvs (%v): %s", err, body)
	}
	return answer.EGVs
}

func TestV2EGVsHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	edge := shapes(
		t, []byte(`{"egvs":[{"value":null}]}`), sampleV2(t, "egvs.json"), sampleV2(t, "egvs_edge.json"), sampleV2(t, "egvs_empty.json"),
		sampleV2(t, "egvs_g5_never_smoothed.json"), sampleV2(t, "egvs_zulu_times.json"),
	)
	eachWearer(t, func(t *testing.T, p *Person) {
		_, body := ask(t, New(p), p.Name, v2EGVsPath, between(noon(), noon().AddDate(0, 0, 20)))
		got := shapes(t, body)
		got.within(t, edge)
		got.covers(t, shapes(t, sampleV2(t, "egvs.json")))
	})
}

func TestV2EGVsHaveEveryKeyEachTime(t *testing.T) {
	t.Parallel()
	var sample struct {
		EGVs []map[string]any `json:"egvs"`
	}
	if err := json.Unmarshal(sampleV2(t, "egvs.json"), &sample); err != nil {
		t.Fatal(err)
	}
	eachWearer(t, func(t *testing.T, p *Person) {
		for _, r := range egvsV2(t, New(p), p.Name, noon(), noon().AddDate(0, 0, 12)) {
			for key := range sample.EGVs[0] {
				if _, ok := r[key]; !ok || len(r) != len(sample.EGVs[0]) {
					t.Fatalf("keys of %v, want those of %v", r, sample.EGVs[0])
				}
			}
		}
	})
}

func TestV2PlainEGVsAreTheTruthNewestFirst(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		if p.Quirks {
			return
		}
		truth := p.V2Readings(noon(), noon().AddDate(0, 0, 5), time.Now())
		slices.Reverse(truth)
		got := egvsV2(t, New(p), p.Name, noon(), noon().AddDate(0, 0, 5))
		if len(got) != len(truth) {
			t.Fatalf("%d records, want %d", len(got), len(truth))
		}
		for i, r := range got {
			if text := p.mismatchV2(r, truth[i]); text != "" {
				t.Fatalf("%s in %v, want %+v", text, r, truth[i])
			}
		}
	})
}

// mismatchV2 names what in a record is not as the truth says.
func (p *Person) mismatchV2(r map[string]any, truth V2Reading) string {
	var smoothed, rate, trend any
	if truth.HasSmoothed {
		smoothed = truth.Smoothed
	}
	if truth.HasRate {
		rate = truth.TrendRate
	}
	if truth.Trend != "unknown" {
		trend = truth.Trend
	}
	for key, want := range map[string]any{
		"value":         truth.Value,
		"realtimeValue": truth.Realtime,
		"smoothedValue": smoothed,
		"trend":         trend,
		"trendRate":     rate,
	} {
		got := r[key]
		if mgdl, ok := got.(float64); ok && strings.HasSuffix(strings.ToLower(key), "value") {
			got = p.pinned(mgdl)
		}
		if got != want && (key != "value" || got != nil || !p.Quirks) {
			return key
		}
	}
	if status := map[int]any{Low: "low", High: "high"}[truth.Value]; !p.Quirks && r["status"] != status {
		return "status"
	}
	if !shows(r["systemTime"], truth.SystemTime, time.UTC) {
		return "systemTime"
	}
	if !shows(r["displayTime"], truth.SystemTime, p.zone()) {
		return "displayTime"
	}
	return ""
}

// shows tells whether a clock in the zone showed that text at that time. What
// stands behind the clock, nothing or a Z, tells nothing.
func shows(value any, at time.Time, zone *time.Location) bool {
	text, _ := value.(string)
	text = strings.Replace(strings.TrimSuffix(text, "Z"), " ", "T", 1)
	return slices.ContainsFunc(
		[]string{"2006-01-02T15:04:05.000", "2006-01-02T15:04:05", "2006-01-02T15:04"},
		func(layout string) bool {
			t, err := time.Parse(layout, text)
			wall, _ := time.Parse("2006-01-02T15:04:05.000", at.In(zone).Format("2006-01-02T15:04:05.000"))
			return err == nil && t.Equal(wall)
		},
	)
}

func TestV2OddEGVsStillTellTheTruth(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for _, p := range wearers(t) {
		if !p.Quirks {
			continue
		}
		for n := range 8 {
			from, to := noon().AddDate(0, 0, 4*n), noon().AddDate(0, 0, 4*n+4)
			truth := make(map[string]V2Reading)
			for _, r := range p.V2Readings(from, to, time.Now()) {
				truth[r.SystemTime.Format(time.RFC3339Nano)] = r
			}
			all := len(truth)
			records := egvsV2(t, New(p), p.Name, from, to)
			for _, r := range records {
				at, ok := understand(r["systemTime"], time.UTC)
				want, known := truth[at.Format(time.RFC3339Nano)]
				if !ok || !known {
					t.Fatalf("%v is not a reading", r)
				}
				if text := p.mismatchV2(r, want); text != "" {
					t.Fatalf("%s in %v, want %+v", text, r, want)
				}
				noteV2(seen, r)
			}
			distinct := make(map[any]bool)
			for _, r := range records {
				distinct[strings.Replace(r["systemTime"].(string), " ", "T", 1)] = true
			}
			if len(distinct) != all {
				t.Errorf("%d distinct records, want %d", len(distinct), all)
			}
			seen["twice"] += len(records) - all
			sorted := slices.IsSortedFunc(records, func(a, b map[string]any) int {
				return strings.Compare(b["systemTime"].(string)[:10], a["systemTime"].(string)[:10])
			})
			if sorted {
				seen["in order"]++
			} else {
				seen["in disorder"]++
			}
		}
	}
	for _, want := range []string{
		"plain", "Z", "space", "milliseconds", "no seconds", "twice", "in order", "in disorder", "no trend",
		"status low", "status high", "status ok", "status unknown", "LOW without status", "unmeasured rate",
	} {
		if seen[want] == 0 {
			t.Errorf("%q never happened: %v", want, seen)
		}
	}
}

// noteV2 counts what is odd about a record.
func noteV2(seen map[string]int, r map[string]any) {
	system, display := r["systemTime"].(string), r["displayTime"].(string)
	word, _ := r["status"].(string)
	for name, yes := range map[string]bool{
		"plain":              len(system) == 19 && system[10] == 'T',
		"Z":                  strings.HasSuffix(system, "Z") && strings.HasSuffix(display, "Z"),
		"space":              system[10] == ' ' && display[10] == ' ',
		"milliseconds":       strings.Contains(system, ".") && strings.Contains(display, "."),
		"no seconds":         len(system) == 16 && len(display) == 16,
		"no trend":           r["trend"] == nil && r["trendRate"] == nil,
		"LOW without status": r["value"] == float64(Low) && r["status"] == nil,
		"unmeasured rate":    r["trend"] == "rateOutOfRange",
		"status " + word:     true,
	} {
		if yes {
			seen[name]++
		}
	}
}

func TestV2EmptyEGVs(t *testing.T) {
	t.Parallel()
	c := New(append(people(t), wearers(t)...)...)
	for _, x := range []struct {
		person, want string
		from         time.Time
	}{
		{"steady", "egvs_empty.json", time.Unix(0, 0)},
		{"steady", "egvs_empty.json", noon().AddDate(74, 0, 0)},
		{"plain", "egvs_empty.json", noon()}, // a G7
		{"wide", "egvs_empty_null_units_ASSUMED.json", time.Unix(0, 0)},
		{"odd", "egvs_empty_null_units_ASSUMED.json", noon()}, // a G7 too
	} {
		_, body := ask(t, c, x.person, v2EGVsPath, between(x.from, x.from.AddDate(0, 0, 1)))
		var want bytes.Buffer
		compact(t, &want, sampleV2(t, x.want))
		if got := string(bytes.TrimSpace(body)); got != want.String() {
			t.Errorf("%s: got %s, want %s", x.person, got, want.String())
		}
	}
}

func TestV2EGVsWindow(t *testing.T) {
	t.Parallel()
	c := New(wearers(t)...)
	if n := len(egvsV2(t, c, "steady", noon(), noon().AddDate(0, 0, 90))); n < 20000 {
		t.Errorf("%d values in 90 days", n)
	}
	status, body := ask(t, c, "steady", v2EGVsPath, between(noon(), noon().AddDate(0, 0, 90).Add(time.Second)))
	var want bytes.Buffer
	compact(t, &want, sampleV2(t, "error_data_400_ASSUMED.json"))
	if got := string(bytes.TrimSpace(body)); status != http.StatusBadRequest || got != want.String() {
		t.Errorf("more than 90 days: %d %s, want %s", status, got, want.String())
	}
	all := egvsV2(t, c, "steady", noon(), noon().Add(time.Hour))
	at, _ := understand(all[5]["systemTime"], time.UTC)
	if got := egvsV2(t, c, "steady", at, at.Add(time.Second)); len(got) != 1 || got[0]["systemTime"] != all[5]["systemTime"] {
		t.Errorf("the start of the window is not in it: %v", got)
	}
	if got := egvsV2(t, c, "steady", at.Add(-time.Minute), at); len(got) != 0 {
		t.Errorf("the end of the window is in it: %v", got)
	}
}

func TestV2EGVsAreGuarded(t *testing.T) {
	t.Parallel()
	c := New(wearers(t)...)
	for method, want := range map[string]int{
		http.MethodGet: http.StatusBadRequest, http.MethodPost: http.StatusMethodNotAllowed, http.MethodHead: http.StatusMethodNotAllowed,
	} {
		r := httptest.NewRequest(method, v2EGVsPath, nil)
		r.Header.Set("Authorization", "Bearer "+c.AccessToken("steady"))
		if status, body := send(t, c, r); status != want {
			t.Errorf("%s answers %d: %s", method, status, body)
		}
	}
	r := httptest.NewRequest(http.MethodGet, v2EGVsPath+"?"+between(noon(), noon().Add(time.Hour)).Encode(), nil)
	if status, body := send(t, c, r); status != http.StatusUnauthorized || shapeOf(t, body) != shapeOf(t, sample401(t)) {
		t.Errorf("without a token: %d %s", status, body)
	}
}

// A client that polls sees what the truth says at each instant.
func TestV2EGVsFollowTheSmoothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 36, Sensor: G6, Rhythm: Hourly, HoldBack: time.Hour}
		c := New(p)
		pending, values := 0, make(map[any]map[any]bool)
		for range 200 {
			from, to := time.Now().AddDate(0, 0, -1), time.Now().Add(time.Second)
			truth := p.V2Readings(from.Truncate(time.Second), to.Truncate(time.Second), time.Now())
			slices.Reverse(truth)
			got := egvsV2(t, c, "p", from, to)
			if len(got) != len(truth) {
				t.Fatalf("%v: %d values, want %d", to, len(got), len(truth))
			}
			for i, r := range got {
				if text := p.mismatchV2(r, truth[i]); text != "" {
					t.Fatalf("%s in %v, want %+v", text, r, truth[i])
				}
				if r["smoothedValue"] == nil && !truth[i].SmoothedFrom.IsZero() {
					pending++
				}
				if values[r["systemTime"]] == nil {
					values[r["systemTime"]] = make(map[any]bool)
				}
				values[r["systemTime"]][r["value"]] = true
			}
			time.Sleep(14*time.Minute + 7*time.Second)
		}
		changed := 0
		for at, seen := range values {
			if len(seen) > 2 {
				t.Errorf("%v had the values %v", at, seen)
			}
			if len(seen) == 2 {
				changed++
			}
		}
		if pending == 0 || changed < 25 {
			t.Errorf("%d records waited, %d values changed", pending, changed)
		}
	})
}

func TestV2Times(t *testing.T) {
	t.Parallel()
	at := floor(time.Date(2025, 2, 6, 17, 12, 0, 0, time.UTC))
	west := zone(t, "America/Los_Angeles")
	for _, c := range []struct {
		spelling        spelling
		at              millis
		system, display string
	}{
		{spelling{}, at, "2025-02-06T17:12:00", "2025-02-06T09:12:00"},
		{spelling{}, at + 180*day, "2025-08-05T17:12:00", "2025-08-05T10:12:00"},
		{spelling{zoneless: true}, at, "2025-02-06T17:12:00", "2025-02-06T09:12:00"},
		{spelling{plusZero: true}, at, "2025-02-06T17:12:00Z", "2025-02-06T09:12:00Z"},
		{spelling{plusZero: true, millis: true}, at + 38, "2025-02-06T17:12:00.038Z", "2025-02-06T09:12:00.038Z"},
		{spelling{millis: true}, at + 38, "2025-02-06T17:12:00.038", "2025-02-06T09:12:00.038"},
		{spelling{minutes: true}, at, "2025-02-06T17:12", "2025-02-06T09:12"},
		{spelling{space: true}, at, "2025-02-06 17:12:00", "2025-02-06 09:12:00"},
		{spelling{zoneSeconds: true}, at, "2025-02-06T17:12:00", "2025-02-06T09:12:00"},
	} {
		if system, display := c.spelling.v2Times(c.at, west); system != c.system || display != c.display {
			t.Errorf("%+v: %s and %s, want %s and %s", c.spelling, system, display, c.system, c.display)
		}
	}
}

func BenchmarkV2EGVs(b *testing.B) {
	p := &Person{Name: "p", Seed: 1, Sensor: G6, Zone: zone(b, "Europe/Berlin")}
	c := New(p)
	for _, x := range []struct {
		name string
		days int
	}{{"day", 1}, {"90days", 90}} {
		r := httptest.NewRequest(http.MethodGet, v2EGVsPath+"?"+between(noon(), noon().AddDate(0, 0, x.days)).Encode(), nil)
		r.Header.Set("Authorization", "Bearer "+c.AccessToken("p"))
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if status, _ := send(b, c, r); status != http.StatusOK {
					b.Fatal(status)
				}
			}
		})
	}
}
