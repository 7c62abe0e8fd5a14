package collector

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestTheLiveValueGoesStale(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		for i := range 4 {
			r := ago(time.Duration(20-5*i)*time.Minute, 120)
			r.Trend, r.HasTrendRate = dexcom.Flat, true
			a.absorbNow(r)
		}
		live := []string{
			"dexcom_glucose_mg_dl", "dexcom_glucose_rate_mg_dl_per_minute", "dexcom_glucose_slope_mg_dl_per_minute",
			"dexcom_glucose_trend", "dexcom_glucose_out_of_range",
		}
		time.Sleep(10*time.Minute - time.Millisecond)
		for _, name := range live {
			if _, there := value(t, c, name); !there {
				t.Errorf("%s is not there although the reading is not 15 minutes old", name)
			}
		}
		time.Sleep(time.Millisecond)
		for _, name := range live {
			if _, there := value(t, c, name); there {
				t.Errorf("%s is still there 15 minutes after the reading", name)
			}
		}
		time.Sleep(300 * 24 * time.Hour)
		a.absorbNow() // trims the history
		want := float64(noon().Add(-5 * time.Minute).Unix())
		if got, there := value(t, c, "dexcom_glucose_timestamp_seconds"); !there || got != want {
			t.Errorf("timestamp %v, %t; want %v for ever", got, there, want)
		}
	})
}

func TestOutOfRange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		for _, test := range []struct{ mgdl, want float64 }{{39, -1}, {40, 0}, {400, 0}, {401, 1}} {
			time.Sleep(5 * time.Minute)
			a.absorbNow(ago(0, test.mgdl))
			if got, _ := value(t, c, "dexcom_glucose_out_of_range"); got != test.want {
				t.Errorf("%v: %v, want %v", test.mgdl, got, test.want)
			}
		}
	})
}

func TestSlope(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			minutes []int
			mgdl    []float64
			want    float64
			there   bool
		}{
			"steady rise":        {[]int{20, 15, 10, 5, 0}, []float64{100, 110, 120, 130, 140}, 2, true},
			"older do not count": {[]int{25, 10, 5, 0}, []float64{300, 120, 115, 110}, -1, true},
			"two readings":       {[]int{5, 0}, []float64{100, 110}, 0, false},
			"a gap":              {[]int{19, 15, 3, 0}, []float64{100, 110, 120, 130}, 0, false},
			"LOW among them":     {[]int{10, 5, 0}, []float64{50, 39, 45}, 0, false},
			"HIGH among them":    {[]int{10, 5, 0}, []float64{401, 390, 380}, 0, false},
		} {
			c, a := alone(t)
			for i, minutes := range test.minutes {
				a.absorbNow(ago(time.Duration(minutes)*time.Minute, test.mgdl[i]))
			}
			if got, there := value(t, c, "dexcom_glucose_slope_mg_dl_per_minute"); there != test.there || there && (got < test.want-1e-9 || got > test.want+1e-9) {
				t.Errorf("%s: %v, %t; want %v, %t", name, got, there, test.want, test.there)
			}
		}
	})
}

func TestSensorExpiry(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		generation dexcom.Generation
		age        time.Duration
		want       time.Duration // after noon; 0 is none
	}{
		"G7":                     {dexcom.G7, 4 * day, 6 * day},
		"ONE+":                   {dexcom.OnePlus, 4 * day, 6 * day},
		"15 days":                {dexcom.G7FifteenDay, 4 * day, 11 * day},
		"G6":                     {dexcom.G6, 4 * day, 0},
		"in the grace period":    {dexcom.G7, 10*day + 11*time.Hour, -11 * time.Hour},
		"after the grace period": {dexcom.G7, 10*day + 13*time.Hour, 0},
		"nothing known":          {dexcom.G7, 0, 0},
		"an unknown transmitter": {dexcom.UnknownGeneration, day, 0},
	} {
		s := Snapshot{Standing: Standing{Now: noon()}, Transmitter: test.generation}
		if test.age != 0 {
			s.TransmitterStart = noon().Add(-test.age)
		}
		got, ok := s.SensorExpiry()
		if ok != (test.want != 0) || ok && got.Sub(noon()) != test.want {
			t.Errorf("%s: %v, %t; want %v", name, got.Sub(noon()), ok, test.want)
		}
	}
}

func TestAlikeDevicesMerge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		low := func(value float64, set time.Time) []dexcom.AlertSchedule {
			return []dexcom.AlertSchedule{{Default: true, Settings: []dexcom.AlertSetting{{Alert: "low", Value: value, HasValue: true, Time: set}}}}
		}
		replace(a, 0, "devices", dexcom.List[dexcom.Device]{Records: []dexcom.Device{
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon().Add(-time.Hour), Schedules: low(80, noon())},
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon(), Schedules: low(70, noon().Add(-time.Hour))},
			{Display: "unknown", App: "unknown"},
			{Display: "unknown", App: "unknown"},
		}}, &a.devices)
		if got := testutil.CollectAndCount(c, "dexcom_device_info"); got != 2 {
			t.Errorf("%d kinds of device, want 2", got)
		}
		if got, _ := value(t, c, "dexcom_device_last_upload_timestamp_seconds"); got != float64(noon().Unix()) {
			t.Errorf("last upload %v, want the newest", got)
		}
		if got, _ := value(t, c, "dexcom_alert_setting_mg_dl"); got != 80 {
			t.Errorf("low %v, want the setting that is newer", got)
		}
	})
}
