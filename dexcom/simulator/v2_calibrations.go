package simulator

import "time"

// v2Calibration is a record of GET /v2/users/self/calibrations.
type v2Calibration struct {
	SystemTime  string  `json:"systemTime"`
	DisplayTime string  `json:"displayTime"`
	Unit        string  `json:"unit"`
	Value       float64 `json:"value"`
}

func (p *Person) v2Calibrations(start, end, now time.Time) []v2Calibration {
	c := p.curve()
	var records []v2Calibration
	for x := range p.availableCalibrations(start, end, now) {
		r := v2Calibration{Unit: "mg/dL", Value: float64(p.calibration(x, c).Value)}
		r.SystemTime, r.DisplayTime = x.spelling.v2Times(x.system, p.zone())
		records = append(records, r)
	}
	return records
}
