package simulator

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"
)

func TestV2DataRangeHasTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(
			&Person{Name: "g6", Seed: 1, Sensor: G6},
			&Person{Name: "receiver", Seed: 1, Sensor: G6, Display: Receiver},
			&Person{Name: "g7", Seed: 1},
			&Person{Name: "late", Seed: 1, Sensor: G6, Since: time.Now().AddDate(1, 0, 0)},
		)
		for name, sample := range map[string]string{
			"g6": "dataRange.json", "receiver": "dataRange.json", "g7": "dataRange_no_data.json", "late": "dataRange_no_data.json",
		} {
			_, body := ask(t, c, name, "/v2/users/self/dataRange", nil)
			if got, want := shapeOf(t, body), shapeOf(t, sampleV2(t, sample)); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
	})
}

func TestV2DataRangeTellsTheTruth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			p := &Person{Name: "p", Seed: seed, Sensor: G6, HoldBack: 3 * time.Hour, Since: now.AddDate(0, 0, -50), Zone: zone(t, "Asia/Tokyo")}
			_, body := ask(t, New(p), "p", "/v2/users/self/dataRange", nil)
			var got struct {
				Calibrations, EGVs, Events struct{ Start, End v2Moment }
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			var events, calibrations, readings []time.Time
			for _, e := range p.Events(p.Since, now, now) {
				if e.Type != "bloodGlucose" && e.Type != "notes" {
					events = append(events, e.SystemTime)
				}
			}
			for _, c := range p.Calibrations(p.Since, now, now) {
				calibrations = append(calibrations, c.SystemTime)
			}
			for _, r := range p.AvailableReadings(p.Since, now, now) {
				readings = append(readings, r.SystemTime)
			}
			for _, x := range []struct {
				extent struct{ Start, End v2Moment }
				times  []time.Time
			}{{got.Calibrations, calibrations}, {got.EGVs, readings}, {got.Events, events}} {
				first, last := x.times[0], x.times[len(x.times)-1]
				if !shows(x.extent.Start.SystemTime, first, time.UTC) || !shows(x.extent.End.SystemTime, last, time.UTC) ||
					!shows(x.extent.Start.DisplayTime, first, p.Zone) || !shows(x.extent.End.DisplayTime, last, p.Zone) {
					t.Errorf("got %+v, want %v to %v", x.extent, first, last)
				}
			}
		})
	}
}
