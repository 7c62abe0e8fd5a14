package collector

import (
	"context"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// readCalibrations reads as much as one request may ask for: a G6 is calibrated
// seldom, a G7 almost never.
func (s *apiSource) readCalibrations(ctx context.Context) error {
	const reach = 28 * 24 * time.Hour
	now := time.Now()
	list, err := s.client.Calibrations(ctx, now.Add(-reach), now)
	if err == nil {
		replace(s.account, s.choresFor, "calibrations", list, &s.account.calibrations)
	}
	return err
}

func calibrationRows() []row {
	return []row{
		gauge("dexcom_calibrations", "Number of calibrations in the window.", []string{"window"},
			func(s Snapshot, emit emit) {
				for _, window := range []lookback{lastDay, lastWeek, lastTwoWeeks} {
					n := 0
					for _, c := range s.Calibrations {
						if window.has(c.Time, s.Now) {
							n++
						}
					}
					emitIf(emit, s.CalibrationsKnown && window.known(s), float64(n), string(window))
				}
			}),
		gauge("dexcom_calibration_mg_dl", "Value of the newest calibration in mg/dL.", nil,
			ofNewestCalibration(func(c dexcom.Calibration, emit emit) { emit(c.MgDL) })),
		gauge("dexcom_calibration_timestamp_seconds", "Time of the newest calibration.", nil,
			ofNewestCalibration(func(c dexcom.Calibration, emit emit) { emitTime(emit, c.Time) })),
	}
}

func ofNewestCalibration(read func(dexcom.Calibration, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, c := range slices.Backward(s.Calibrations) {
			if !c.Time.After(s.Now.Add(tolerance)) {
				read(c, emit)
				return
			}
		}
	}
}
