package simulator

import "time"

// v3AlertRecord is a record of GET /v3/users/self/alerts.
type v3AlertRecord struct {
	RecordID      string  `json:"recordId"`
	SystemTime    string  `json:"systemTime"`
	DisplayTime   string  `json:"displayTime"`
	Name          string  `json:"alertName"`
	State         string  `json:"alertState"`
	DisplayDevice Display `json:"displayDevice"`
	v3Transmitter
	DisplayApp string `json:"displayApp,omitempty"`
}

func (p *Person) v3AlertRecords(start, end, now time.Time) []v3AlertRecord {
	var records []v3AlertRecord
	for _, x := range p.alarms(ceil(start), ceil(end)) {
		if x.sent+p.lag() <= floor(now) {
			records = append(records, p.v3AlertRecord(x))
		}
	}
	return records
}

func (p *Person) v3AlertRecord(x ring) v3AlertRecord {
	truth := p.alarm(x)
	r := v3AlertRecord{
		RecordID:      truth.RecordID,
		SystemTime:    x.spelling.systemTime(x.system),
		DisplayTime:   x.spelling.displayTime(x.system, p.zone()),
		Name:          truth.Alert,
		State:         truth.State,
		DisplayDevice: p.display(),
		v3Transmitter: p.v3Transmitter(x.at, x.key),
		DisplayApp:    p.product().app,
	}
	if r.DisplayDevice == Receiver {
		r.DisplayApp = "receiver"
	}
	if p.odd(forApp, x.key, 0.06) {
		r.DisplayApp = ""
	}
	return r
}
