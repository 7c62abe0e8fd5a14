package dexcom

import (
	"context"
	"time"
)

// Calibration is a blood glucose value that a person gave to the sensor.
type Calibration struct {
	// ID is the record's own name, as in [Reading]; empty in version 2.
	ID string
	// Time is the device's idea of UTC when it was entered: it drifts, and may lie
	// in the future.
	Time time.Time
	// MgDL is 20 to 600, the range of blood glucose meters.
	MgDL float64
}

// wireCalibration is a record of GET /v3/users/self/calibrations, or of version 2,
// which has no ids.
type wireCalibration struct {
	RecordID   wireText   `json:"recordId"`
	SystemTime wireTime   `json:"systemTime"`
	Value      wireNumber `json:"value"`
	Unit       wireText   `json:"unit"`
}

// Calibrations reads the calibrations with from <= system time < to, both widened
// to whole seconds, oldest first and each once. It asks and fails as [Client.EGVs]
// does.
// (developer.dexcom.com/docs/dexcomv3/operation/getCalibrationsV3)
// (developer.dexcom.com/docs/dexcomv2/operation/getCalibrationsV2)
func (c *Client) Calibrations(ctx context.Context, from, to time.Time) (List[Calibration], error) {
	list, err := fetchWindows(ctx, c, "calibrations", from, to, decodeCalibrations)
	if err != nil {
		return list, err
	}
	oldestFirst(list.Records, func(c Calibration) (time.Time, string) { return c.Time, c.ID })
	list.Records = once(list.Records, Calibration.name)
	return list, nil
}

func decodeCalibrations(version Version, body []byte) (List[Calibration], error) {
	return decodeList(body, version.listKey("calibrations"), nil, parseCalibration)
}

func parseCalibration(w wireCalibration) (Calibration, string) {
	systemTime, ok := w.SystemTime.systemTime()
	if !ok {
		return Calibration{}, SkipTime
	}
	mgdl := inMgDL(w.Value.value, string(w.Unit))
	if !w.Value.ok || mgdl < 20 || mgdl > 600 {
		return Calibration{}, SkipValue
	}
	return Calibration{ID: string(w.RecordID), Time: systemTime, MgDL: mgdl}, ""
}

// name tells calibrations apart: by their ids, or by their times without.
func (c Calibration) name() Calibration {
	if c.ID != "" {
		return Calibration{ID: c.ID}
	}
	return Calibration{Time: c.Time}
}
