package collector

import (
	"maps"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestCalibrations(t *testing.T) {
	const day = 24 * time.Hour
	made := func(before time.Duration, mgdl float64) dexcom.Calibration {
		return dexcom.Calibration{Time: noon().Add(-before), MgDL: mgdl}
	}
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			calibrations []dexcom.Calibration // oldest first
			counts       [3]float64           // of a day, a week, two weeks
			newest       time.Duration        // before noon
			mgdl         float64              // 0: there is none
		}{
			"none":           {nil, [3]float64{}, 0, 0},
			"older than all": {[]dexcom.Calibration{made(14*day, 90)}, [3]float64{}, 14 * day, 90},
			"the edges": {[]dexcom.Calibration{
				made(14*day, 1), made(14*day-time.Millisecond, 2), made(7*day, 3), made(7*day-time.Millisecond, 4), made(day, 5), made(day-time.Millisecond, 6),
			}, [3]float64{1, 3, 5}, day - time.Millisecond, 6},
			"a little ahead": {[]dexcom.Calibration{made(time.Hour, 90), made(-tolerance, 110)}, [3]float64{2, 2, 2}, -tolerance, 110},
			"too far ahead":  {[]dexcom.Calibration{made(time.Hour, 90), made(-tolerance-time.Millisecond, 110)}, [3]float64{1, 1, 1}, time.Hour, 90},
		} {
			c, a := alone(t)
			a.absorbNow(ago(time.Minute, 100)) // what is known reaches until now
			if got := series(t, c, "dexcom_calibrations"); len(got) > 0 {
				t.Errorf("%s: %v before Dexcom was asked", name, got)
			}
			replace(a, 0, "calibrations", dexcom.List[dexcom.Calibration]{Records: test.calibrations}, &a.calibrations)
			want := map[string]float64{"24h": test.counts[0], "7d": test.counts[1], "14d": test.counts[2]}
			if got := series(t, c, "dexcom_calibrations"); !maps.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			mgdl, there := value(t, c, "dexcom_calibration_mg_dl")
			if mgdl != test.mgdl || there != (test.mgdl != 0) {
				t.Errorf("%s: the newest is %v, %t; want %v", name, mgdl, there, test.mgdl)
			}
			at, there := value(t, c, "dexcom_calibration_timestamp_seconds")
			if want := float64(noon().Add(-test.newest).UnixMilli()) / 1000; there != (test.mgdl != 0) || there && at != want {
				t.Errorf("%s: the newest is of %v, %t; want %v", name, at, there, want)
			}
		}
	})
}
