package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

const devicesPath = "/v3/users/self/devices"

func TestV3DevicesHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	var plain, odd [][]byte
	for seed := range uint64(20) {
		p := &Person{Name: "plain", Seed: seed, Zone: zone(t, "America/Denver")}
		q := &Person{Name: "odd", Seed: seed, Quirks: true}
		c := New(p, q)
		_, body := ask(t, c, "plain", devicesPath, nil)
		plain = append(plain, body)
		_, body = ask(t, c, "odd", devicesPath, nil)
		odd = append(odd, body)
	}
	got := shapes(t, plain...)
	got.within(t, shapes(t, file(t, "devices.json")))
	got.covers(t, shapes(t, file(t, "devices.json")))
	got = shapes(t, odd...)
	got.within(t, shapes(t, file(t, "devices.json"), file(t, "devices_edge.json")))
	got.covers(t, shapes(t, file(t, "devices_edge.json")))
}

func TestV3NoDevicesBeforeTheFirstUpload(t *testing.T) {
	t.Parallel()
	p := &Person{Name: "p", Since: time.Now().AddDate(1, 0, 0)}
	_, body := ask(t, New(p), "p", devicesPath, nil)
	if got, want := shapeOf(t, body), shapeOf(t, file(t, "devices_empty.json")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestV3DevicesTellTheTruth(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		now := time.Now()
		d := p.v3Devices(now)[0].(v3Device)
		want, _ := p.LastUpload(now)
		if got, err := time.Parse(time.RFC3339, d.LastUploadDate); err != nil || !got.Equal(want) {
			t.Errorf("last upload %s, want %v", d.LastUploadDate, want)
		}
		if d.DisplayDevice != p.display() || d.Variant != p.product().variantWord() {
			t.Errorf("device is %+v", d)
		}
		if s, ok := p.Session(want); ok && want.Sub(s.WarmUpEnd) > 300*time.Hour && d.TransmitterID != s.TransmitterID {
			t.Errorf("transmitter %s, want %s", d.TransmitterID, s.TransmitterID)
		}
		a := p.Thresholds()
		values := map[string]float64{
			"high": a.High, "low": a.Low, "rise": a.Rise, "fall": a.Fall,
			"urgentLow": a.UrgentLow, "urgentLowSoon": a.UrgentLowSoon,
			"outOfRange": a.OutOfRange.Minutes(), "noReadings": a.NoReadings.Minutes(),
		}
		if p.Sensor == OnePlus {
			for _, name := range []string{"rise", "fall", "urgentLow", "urgentLowSoon"} {
				delete(values, name)
			}
		}
		if p.Sensor == G5 {
			delete(values, "urgentLowSoon")
		}
		for _, s := range d.AlertSchedules[0].Alerts {
			if s.Value != values[s.Name] {
				t.Errorf("%s is %v, want %v", s.Name, s.Value, values[s.Name])
			}
			if wantEnabled := s.Unit != "mg/dL/min" || a.RiseFall; s.Enabled != wantEnabled {
				t.Errorf("%s is enabled: %v", s.Name, s.Enabled)
			}
			delete(values, s.Name)
		}
		if len(values) > 0 {
			t.Errorf("missing: %v", values)
		}
	})
}

// Day and night exactly one schedule is active, and the night's is so in its hours.
func TestV3OneScheduleIsActive(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	synctest.Test(t, func(t *testing.T) {
		p := &Person{Name: "p", Zone: berlin}
		for {
			if _, ok := p.NightSchedule(); ok {
				break
			}
			p.Seed++
		}
		night, _ := p.NightSchedule()
		changes := 0
		var last any
		for range 7 * 24 * 4 {
			var active []any
			for _, s := range records(t, New(p), "p", devicesPath, nil)[0]["alertSchedules"].([]any) {
				settings := s.(map[string]any)["alertScheduleSettings"].(map[string]any)
				if settings["isActive"] == true {
					active = append(active, settings["alertScheduleName"])
				}
			}
			want := ""
			if night.Active(time.Now().In(berlin)) {
				want = "Night"
			}
			if len(active) != 1 || active[0] != want {
				t.Fatalf("at %v active: %v, want %q", time.Now().In(berlin), active, want)
			}
			if last != nil && active[0] != last {
				changes++
			}
			last = active[0]
			time.Sleep(15 * time.Minute)
		}
		if changes < 10 || changes > 14 {
			t.Errorf("%d changes in a week", changes)
		}
	})
}
