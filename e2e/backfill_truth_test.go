package e2e

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	// pastDays is how much there is of everybody.
	pastDays = 60
	// pastEnds is how long ago backfill ends.
	pastEnds = 4 * time.Hour
	// longestSmoothing is the age from which version 2 does not change a value any more.
	longestSmoothing = 6 * time.Hour
)

// veteran is a person with a past.
type veteran struct {
	*simulator.Person

	v2 bool
}

// veteranOf has a past that nothing is added to during a test.
func veteranOf(t *testing.T, p simulator.Person, v2 bool) veteran {
	t.Helper()
	now := time.Now()
	p.Since = now.Add(-pastDays * 24 * time.Hour)
	for range 200 {
		p.Seed++
		person := p
		v := veteran{&person, v2}
		if reflect.DeepEqual(v.truth(now), v.truth(now.Add(3*time.Minute))) {
			return v
		}
	}
	t.Fatalf("nobody like %s", p.Name)
	return veteran{}
}

// truth is what must be stored of all the past, by the simulator.
func (v veteran) truth(now time.Time) samples {
	all, to := samples{}, now.Add(-pastEnds)
	if v.v2 {
		for _, r := range v.V2Readings(v.Since, to, now) {
			if r.HasSmoothed || now.Sub(r.SystemTime) >= longestSmoothing {
				all.putReading(v.Name, r.Reading)
			}
		}
	} else {
		for _, r := range v.AvailableReadings(v.Since, to, now) {
			all.putReading(v.Name, r)
		}
	}
	for _, e := range v.Events(v.Since.Add(-48*time.Hour), to, now) {
		kind, subtype := eventLabels(entry{Event: e})
		value := e.Value
		if kind == "health" {
			value = 1
		}
		name := seriesName(event, v.Name, kind, subtype, e.Unit)
		_, there := all[name][e.SystemTime.UnixMilli()] // of two at one time the first counts
		told := slices.Contains([]string{"carbs", "insulin", "exercise", "health"}, kind) || kind == "blood_glucose" && !v.v2
		if told && !there && e.Status != "deleted" && (e.HasValue || kind == "health") {
			all.put(name, e.SystemTime, value)
		}
	}
	return all
}

func (s samples) putReading(account string, r simulator.Reading) {
	s.put(seriesName(egvs, account), r.SystemTime, float64(r.Value))
	if r.HasRate {
		s.put(seriesName(rates, account), r.SystemTime, math.Round(r.TrendRate*1000)/1000)
	}
}

// config is the account in YAML.
func (v veteran) config() string {
	api := "{region: us}"
	if v.v2 {
		api = "{region: us, version: v2}"
	}
	return "  - name: " + v.Name + "\n    api: " + api + "\n    events: [carbs, insulin, exercise, health, blood_glucose]\n"
}
