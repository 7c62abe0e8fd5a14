package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestV2DevicesHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, quirks := range []bool{false, true} {
			var texts [][]byte
			for seed := range uint64(20) {
				p := &Person{Name: "p", Seed: seed, Sensor: G6, Zone: zone(t, "America/Denver"), Quirks: quirks, Since: time.Now().AddDate(0, 0, -9)}
				for n := range 4 {
					to := time.Now().AddDate(0, 0, -80*n)
					_, body := ask(t, New(p), "p", "/v2/users/self/devices", between(to.AddDate(0, 0, -80), to))
					texts = append(texts, body)
				}
			}
			got := shapes(t, texts...)
			got.within(t, shapes(t, sampleV2(t, "devices.json")))
			got.covers(t, shapes(t, sampleV2(t, "devices.json")))
		}
		_, body := ask(t, New(&Person{Name: "g7"}), "g7", "/v2/users/self/devices", between(time.Now().AddDate(0, 0, -80), time.Now()))
		if got, want := shapeOf(t, body), shapeOf(t, sampleV2(t, "devices_empty.json")); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestV2DevicesTellTheTruth(t *testing.T) {
	t.Parallel()
	for display, want := range map[Display]string{IOS: "iOS", Android: "android", Receiver: "touchscreenReceiver"} {
		synctest.Test(t, func(t *testing.T) {
			p := &Person{Name: "p", Seed: 2, Sensor: G6, Display: display}
			devices := recordsV2(t, New(p), "p", "devices", time.Now().AddDate(0, 0, -1), time.Now())
			if len(devices) != 1 || devices[0]["displayDevice"] != want || devices[0]["transmitterGeneration"] != "g6" {
				t.Fatalf("got %v", devices)
			}
			upload, _ := p.LastUpload(time.Now())
			if got := devices[0]["lastUploadDate"]; got != upload.Format("2006-01-02T15:04:05") {
				t.Errorf("last upload %v, want %v", got, upload)
			}
			a, n := p.Thresholds(), 0
			for _, schedule := range devices[0]["alertScheduleList"].([]any)[:1] {
				for _, setting := range schedule.(map[string]any)["alertSettings"].([]any) {
					s := setting.(map[string]any)
					if level, ok := map[any]float64{"high": a.High, "low": a.Low, "rise": a.Rise, "noReadings": 20}[s["alertName"]]; ok && s["value"] != level {
						t.Errorf("%v, want %v", s, level)
					}
					n++
				}
			}
			if n != 8 {
				t.Errorf("%d alerts", n)
			}
		})
	}
}

// Only the days of a window count, and both of them do.
func TestV2DevicesOfWholeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &Person{Name: "p", Seed: 2, Sensor: G6, Since: start.AddDate(0, 0, -10).Add(9 * time.Hour)}
		first := start.AddDate(0, 0, -10)
		for _, x := range []struct {
			from, to time.Time
			want     int
		}{
			{first.Add(time.Minute), first.Add(2 * time.Minute), 1}, // before the first reading of that day
			{first.Add(-time.Minute), first.Add(-time.Second), 0},
			{first.Add(-time.Minute), first, 1},
			{start.AddDate(0, 0, -2), start.AddDate(0, 0, -1), 1},
			{start.AddDate(0, 0, 1), start.AddDate(0, 0, 2), 0},
			{start.AddDate(70, 0, 0), start.AddDate(70, 0, 2), 0},
			{time.Unix(0, 0), time.Unix(60, 0), 0},
		} {
			if got := recordsV2(t, New(p), "p", "devices", x.from, x.to); len(got) != x.want {
				t.Errorf("%v to %v: %v, want %d", x.from, x.to, got, x.want)
			}
		}
	})
}
