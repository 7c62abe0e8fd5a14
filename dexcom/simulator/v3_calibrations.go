package simulator

import "time"

// v3Calibration is a record of GET /v3/users/self/calibrations.
type v3Calibration struct {
	RecordID      string  `json:"recordId"`
	SystemTime    string  `json:"systemTime"`
	DisplayTime   string  `json:"displayTime"`
	Unit          *string `json:"unit"`
	Value         int     `json:"value"`
	DisplayDevice Display `json:"displayDevice"`
	Ticks         int64   `json:"transmitterTicks"`
	v3Transmitter
}

func (p *Person) v3Calibrations(start, end, now time.Time) []v3Calibration {
	c := p.curve()
	var records []v3Calibration
	for x := range p.availableCalibrations(start, end, now) {
		records = append(records, p.v3Calibration(x, c))
	}
	return records
}

func (p *Person) v3Calibration(x stick, c *curve) v3Calibration {
	truth := p.calibration(x, c)
	r := v3Calibration{
		RecordID:      truth.RecordID,
		SystemTime:    x.spelling.systemTime(x.system),
		DisplayTime:   x.spelling.displayTime(x.system, p.zone()),
		Value:         truth.Value,
		DisplayDevice: p.display(),
		Ticks:         int64((x.made - p.sessionBy(x.made).transmitterStart) / second),
		v3Transmitter: p.v3Transmitter(x.made, x.key),
	}
	if !p.odd(forCalibrationError, x.key, 0.2) {
		unit := "mg/dL"
		r.Unit = &unit
	}
	return r
}
