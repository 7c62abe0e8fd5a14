package simulator

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

const egvsPath = "/v3/users/self/egvs"

func TestV3EGVsHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	edge := shapes(t, file(t, "egvs.json"), file(t, "egvs_edge.json"), file(t, "egvs_receiver_no_offset.json"))
	each(t, func(t *testing.T, p *Person) {
		c := New(p)
		var bodies [][]byte
		for n := range 4 {
			from := noon().AddDate(0, 0, 10*n)
			_, body := ask(t, c, p.Name, egvsPath, between(from, from.AddDate(0, 0, 3)))
			bodies = append(bodies, body)
		}
		got := shapes(t, bodies...)
		got.within(t, edge)
		want := shapes(t, file(t, "egvs.json"))
		if p.Sensor == G5 { // known before that field
			delete(want, ".records[].transmitterGenerationVariant")
		}
		got.covers(t, want)
	})
}

func TestV3PlainEGVsHaveEveryKeyEachTime(t *testing.T) {
	t.Parallel()
	for _, p := range people(t) {
		want := shapes(t, file(t, "egvs.json"))
		keys := 0
		if p.Sensor == G5 { // known before transmitterGenerationVariant
			keys--
		}
		for path := range want {
			if strings.HasPrefix(path, ".records[].") {
				keys++
			}
		}
		for _, r := range records(t, New(p), p.Name, egvsPath, between(noon(), noon().AddDate(0, 0, 1))) {
			if !p.Quirks && len(r) != keys {
				t.Fatalf("%s: %d keys in %v, want %d", p.Name, len(r), r, keys)
			}
		}
	}
}

func TestV3EmptyEGVs(t *testing.T) {
	t.Parallel()
	_, body := ask(t, New(people(t)...), "plain", egvsPath, between(time.Unix(0, 0), time.Unix(86400, 0)))
	if got, want := shapeOf(t, body), shapeOf(t, file(t, "egvs_empty.json")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestV3PlainEGVsAreTheTruthNewestFirst(t *testing.T) {
	t.Parallel()
	for _, p := range people(t) {
		if p.Quirks {
			continue
		}
		truth := p.Readings(noon(), noon().AddDate(0, 0, 5))
		slices.Reverse(truth)
		got := records(t, New(p), p.Name, egvsPath, between(noon(), noon().AddDate(0, 0, 5)))
		if len(got) != len(truth) {
			t.Fatalf("%s: %d records, want %d", p.Name, len(got), len(truth))
		}
		for i, r := range got {
			if text := p.mismatch(r, truth[i]); text != "" {
				t.Fatalf("%s: %s in %v, want %+v", p.Name, text, r, truth[i])
			}
		}
	}
}

// mismatch names what in a record is not as the truth says.
func (p *Person) mismatch(r map[string]any, truth Reading) string {
	status := map[int]any{Low: "low", High: "high"}[truth.Value]
	var rate any
	if truth.HasRate {
		rate = truth.TrendRate
	}
	for key, want := range map[string]any{
		"recordId":         truth.RecordID,
		"transmitterTicks": float64(truth.Ticks),
		"trend":            truth.Trend,
		"trendRate":        rate,
	} {
		if r[key] != want {
			return key
		}
	}
	if mgdl, ok := r["value"].(float64); !ok || p.pinned(mgdl) != truth.Value {
		return "value"
	}
	if !p.Quirks && r["status"] != status {
		return "status"
	}
	system, okSystem := understand(r["systemTime"], time.UTC)
	display, okDisplay := understand(r["displayTime"], p.zone())
	if !okSystem || !system.Equal(truth.SystemTime) {
		return "systemTime"
	}
	if !okDisplay || !display.Equal(truth.SystemTime) {
		return "displayTime"
	}
	return ""
}

// understand reads a time as a careful client does: step by step.
func understand(value any, zone *time.Location) (time.Time, bool) {
	text, _ := value.(string)
	if len(text) < len("2025-02-06T09:12") {
		return time.Time{}, false
	}
	wall, offset := strings.Replace(text, " ", "T", 1), ""
	if i := strings.IndexAny(wall[11:], "Z+-"); i >= 0 {
		wall, offset = wall[:11+i], wall[11+i:]
	}
	if len(wall) == len("2025-02-06T09:12") {
		wall += ":00"
	}
	if offset == "" { // a receiver
		t, err := time.ParseInLocation("2006-01-02T15:04:05", wall, zone)
		return t, err == nil
	}
	east, ok := seconds(offset)
	t, err := time.Parse("2006-01-02T15:04:05", wall)
	return t.Add(-east), ok && err == nil
}

// seconds reads Z, -08:00 or -06:59:58.
func seconds(offset string) (time.Duration, bool) {
	if offset == "Z" {
		return 0, true
	}
	t, err := time.Parse("15:04:05", (offset[1:] + ":00")[:8])
	east := t.Sub(t.Truncate(24 * time.Hour))
	if offset[0] == '-' {
		east = -east
	}
	return east, err == nil
}

func TestV3OddEGVsStillTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, p := range people(t) {
		if !p.Quirks {
			continue
		}
		to := noon().AddDate(0, 0, 20)
		truth := make(map[string]Reading)
		for _, r := range p.Readings(noon(), to) {
			truth[r.RecordID] = r
		}
		seen := make(map[string]int)
		void := 0
		for _, r := range records(t, New(p), p.Name, egvsPath, between(noon(), to)) {
			id, _ := r["recordId"].(string)
			seen[id]++
			if r["value"] == nil {
				void++
				if _, ok := truth[id]; ok {
					t.Errorf("%v has no value but is a reading", r)
				}
				continue
			}
			if text := p.mismatch(r, truth[id]); text != "" {
				t.Fatalf("%s: %s in %v, want %+v", p.Name, text, r, truth[id])
			}
		}
		twice := 0
		for _, n := range seen {
			twice += n - 1
		}
		if missing := len(truth) + void - len(seen); missing > 0 && void == 0 {
			t.Errorf("%s: %d readings are missing", p.Name, missing)
		}
		if void < 8 || twice < 40 {
			t.Errorf("%s: %d records without value, %d twice", p.Name, void, twice)
		}
	}
}

// Each oddity that the documentation of Person promises shows up.
func TestV3QuirksShow(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	note := func(name string, yes bool) {
		if yes {
			seen[name]++
		}
	}
	sorted := 0
	for seed := range uint64(8) {
		p := &Person{Name: "p", Seed: seed, Sensor: pick(&Person{}, forWord, int64(seed), G6, G7, G7FifteenDay), Quirks: true, Mean: 170, Swing: 95}
		for n := range 4 {
			var times []string
			for _, r := range records(t, New(p), "p", egvsPath, between(noon().AddDate(0, 0, 3*n), noon().AddDate(0, 0, 3*n+3))) {
				at, _ := r["systemTime"].(string)
				times = append(times, at)
				_, app := r["displayApp"]
				_, variant := r["transmitterGenerationVariant"]
				note("no app", !app)
				note("no variant", !variant)
				note("null transmitter", r["transmitterId"] == nil && r["value"] != nil)
				note("empty transmitter", r["transmitterId"] == "")
				note("LOW without status", r["value"] == float64(Low) && r["status"] == nil)
				note("unmeasured rate", r["trend"] == "rateOutOfRange")
				for _, key := range []string{"status", "trend", "transmitterGeneration"} {
					word, _ := r[key].(string)
					note(key+" "+word, true)
				}
			}
			if slices.IsSortedFunc(times, func(a, b string) int { return strings.Compare(b[:10], a[:10]) }) {
				sorted++
			}
		}
	}
	for _, want := range []string{
		"no app", "no variant", "null transmitter", "empty transmitter", "LOW without status", "unmeasured rate",
		"status ok", "status unknown", "status low", "status high", "trend unknown", "trend none", "trend notComputable",
		"transmitterGeneration g6 pro", "transmitterGeneration g715day", "transmitterGeneration g7",
	} {
		if seen[want] == 0 {
			t.Errorf("%q never happened: %v", want, slices.Sorted(maps.Keys(seen)))
		}
	}
	if sorted < 8 || sorted > 24 {
		t.Errorf("%d of 32 bodies are in order", sorted)
	}
}

func TestV3FifteenDaySensorCanAlwaysBeTold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		p := &Person{Name: "p", Seed: seed, Sensor: G7FifteenDay, Quirks: true}
		for _, r := range records(t, New(p), "p", egvsPath, between(noon(), noon().AddDate(0, 0, 3))) {
			if r["transmitterGeneration"] != "g715day" && r["transmitterGenerationVariant"] != "g715day" {
				t.Fatalf("what is %v?", r)
			}
		}
	}
}

func TestV3DisplayTimeFollowsTheClockChange(t *testing.T) {
	t.Parallel()
	p := &Person{Name: "p", Seed: 1, Zone: zone(t, "America/New_York")}
	change := time.Date(2025, time.March, 9, 7, 0, 0, 0, time.UTC) // 02:00 becomes 03:00
	for _, r := range records(t, New(p), "p", egvsPath, between(change.Add(-3*time.Hour), change.Add(3*time.Hour))) {
		at, _ := understand(r["systemTime"], time.UTC)
		display, _ := r["displayTime"].(string)
		want := "-05:00"
		if !at.Before(change) {
			want = "-04:00"
		}
		if !strings.HasSuffix(display, want) {
			t.Errorf("at %v the display shows %s", at, display)
		}
	}
}

func BenchmarkV3EGVsOfADay(b *testing.B) {
	p := &Person{Name: "p", Seed: 1, Zone: zone(b, "Europe/Berlin")}
	c := New(p)
	r := httptest.NewRequest(http.MethodGet, egvsPath+"?"+between(noon(), noon().AddDate(0, 0, 1)).Encode(), nil)
	r.Header.Set("Authorization", "Bearer "+c.AccessToken("p"))
	b.ReportAllocs()
	for b.Loop() {
		if status, _ := send(b, c, r); status != http.StatusOK {
			b.Fatal(status)
		}
	}
}
