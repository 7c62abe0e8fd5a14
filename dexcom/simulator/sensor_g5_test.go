package simulator

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"
)

// five wears a G5, whose phone uploads every hour.
func five() *Person {
	return &Person{Name: "five", Seed: 42, Sensor: G5, Rhythm: Hourly, HoldBack: 3 * time.Hour, Mean: 160, Swing: 80}
}

func TestG5SessionsAndTransmitters(t *testing.T) {
	t.Parallel()
	p := five()
	transmitters := make(map[string]time.Duration)
	for at := noon(); at.Before(noon().AddDate(1, 0, 0)); at = at.Add(6 * time.Hour) {
		s, ok := p.Session(at)
		if !ok {
			continue
		}
		if s.End.Sub(s.Start) != 7*24*time.Hour || s.WarmUpEnd.Sub(s.Start) != 2*time.Hour {
			t.Fatalf("session %+v", s)
		}
		transmitters[s.TransmitterID] = s.End.Sub(s.TransmitterStart)
	}
	if len(transmitters) < 4 || len(transmitters) > 6 {
		t.Errorf("%d transmitters in a year", len(transmitters))
	}
	whole := 0
	for _, age := range transmitters {
		if age > 90*24*time.Hour {
			t.Errorf("a transmitter is %v old", age)
		}
		if age > 84*24*time.Hour {
			whole++
		}
	}
	if whole < 3 {
		t.Errorf("transmitters last %v", transmitters)
	}
}

// Version 2 never smooths a G5: it has the values of version 3.
func TestG5IsNeverSmoothed(t *testing.T) {
	t.Parallel()
	p := five()
	from, to := noon(), noon().AddDate(0, 0, 20)
	want := p.AvailableReadings(from, to, time.Now())
	got := p.V2Readings(from, to, time.Now())
	if len(got) != len(want) || len(got) < 5000 {
		t.Fatalf("%d readings, want %d", len(got), len(want))
	}
	for i, r := range got {
		if r.Reading != want[i] || r.Realtime != r.Value || r.HasSmoothed || r.Smoothed != 0 || !r.SmoothedFrom.IsZero() {
			t.Fatalf("got %+v, want %+v", r, want[i])
		}
	}
	_, body := ask(t, New(p), "five", v2EGVsPath, between(from, from.AddDate(0, 0, 1)))
	shapes(t, body).covers(t, shapes(t, sampleV2(t, "egvs_g5_never_smoothed.json")))
	if smoothed := shapes(t, body)[".egvs[].smoothedValue"]; len(smoothed) != 1 || !smoothed["null"] {
		t.Errorf("smoothedValue is %v", smoothed)
	}
}

// Older revisions of version 3 know the G5, but no variants.
func TestV3NamesTheG5(t *testing.T) {
	t.Parallel()
	c := New(five())
	for _, path := range []string{egvsPath, eventsPath, alertsPath, "/v3/users/self/calibrations", devicesPath} {
		found := records(t, c, "five", path, between(noon(), noon().AddDate(0, 0, 10)))
		if len(found) == 0 {
			t.Fatalf("%s is empty", path)
		}
		for _, r := range found {
			_, variant := r["transmitterGenerationVariant"]
			app, told := r["displayApp"]
			if r["transmitterGeneration"] != "g5" || variant || told && app != "G5" && r["displayDevice"] != "receiver" {
				t.Fatalf("%s: %v", path, r)
			}
			if r["alertName"] == "urgentLowSoon" {
				t.Errorf("a G5 looks ahead: %v", r)
			}
		}
	}
}

func TestV2NamesTheG5(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		devices := recordsV2(t, New(five()), "five", "devices", time.Now().AddDate(0, 0, -1), time.Now())
		if len(devices) != 1 || devices[0]["transmitterGeneration"] != "g5" {
			t.Fatalf("got %v", devices)
		}
		alerts := make(map[any]bool)
		for _, s := range devices[0]["alertScheduleList"].([]any)[0].(map[string]any)["alertSettings"].([]any) {
			alerts[s.(map[string]any)["alertName"]] = true
		}
		if len(alerts) != 7 || !alerts["urgentLow"] || alerts["urgentLowSoon"] {
			t.Errorf("alerts %v", alerts)
		}
	})
}

func TestG5IsCalibratedTwiceADay(t *testing.T) {
	t.Parallel()
	p, days := five(), make(map[string]int)
	made := p.Calibrations(noon(), noon().AddDate(0, 0, 100), late())
	for _, c := range made {
		days[c.SystemTime.Format(time.DateOnly)]++
	}
	for day, n := range days {
		if n > 2 {
			t.Errorf("%d calibrations on %s", n, day)
		}
	}
	if len(made) < 175 || len(made) > 200 {
		t.Errorf("%d calibrations in 100 days", len(made))
	}
	if got := len(recordsV2(t, New(p), "five", "calibrations", noon(), noon().AddDate(0, 0, 50))); got < 85 {
		t.Errorf("version 2 has %d of 50 days", got)
	}
}

func TestG5HasStatisticsAndDataRange(t *testing.T) {
	t.Parallel()
	c := New(five())
	_, body := askStatistics(t, c, "five", statisticsRequest(t), between(noon(), noon().AddDate(0, 0, 14)))
	var got struct {
		NValues               int
		MeanDailyCalibrations float64
	}
	if err := json.Unmarshal(body, &got); err != nil || got.NValues < 3500 || got.MeanDailyCalibrations < 1.5 || got.MeanDailyCalibrations > 2 {
		t.Errorf("%+v, %v", got, err)
	}
	_, body = ask(t, c, "five", "/v2/users/self/dataRange", nil)
	if got, want := shapeOf(t, body), shapeOf(t, sampleV2(t, "dataRange.json")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Who wears a G5 had no G6 before.
func TestOldDeviceOfAG5(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(20) {
		p := &Person{Seed: seed, Sensor: G5}
		if devices := p.v3Devices(noon()); len(devices) == 2 {
			found++
			if old := devices[1].(v3Device); old.Generation != "g5" || old.Variant != "" {
				t.Errorf("%+v", old)
			}
		}
	}
	if found == 0 {
		t.Error("nobody has an old device")
	}
}
