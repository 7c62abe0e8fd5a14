package simulator

import (
	"net/http"
	"time"
)

// v3Range is the body of GET /v3/users/self/dataRange. Kinds without data are null.
type v3Range struct {
	RecordType    string    `json:"recordType"`
	RecordVersion string    `json:"recordVersion"`
	UserID        string    `json:"userId"`
	Calibrations  *v3Extent `json:"calibrations"`
	EGVs          *v3Extent `json:"egvs"`
	Events        *v3Extent `json:"events"`
}

type v3Extent struct {
	Start v3Moment `json:"start"`
	End   v3Moment `json:"end"`
}

type v3Moment struct {
	SystemTime  string `json:"systemTime"`
	DisplayTime string `json:"displayTime"`
}

func v3DataRange(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
	since, err := lastSyncTime(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, v3Range{
		RecordType:    "dataRange",
		RecordVersion: "3.0",
		UserID:        p.userID(),
		Calibrations:  p.v3Extent("calibrations", now, since),
		EGVs:          p.v3Extent("egvs", now, since),
		Events:        p.v3Extent("events", now, since),
	})
}

func (p *Person) v3Extent(record string, now, since time.Time) *v3Extent {
	start, end, ok := p.DataRange(record, now, since)
	if !ok {
		return nil
	}
	return &v3Extent{p.v3Moment(start), p.v3Moment(end)}
}

func (p *Person) v3Moment(t time.Time) v3Moment {
	s := spelling{zoneless: p.display() == Receiver, millis: floor(t)%second != 0}
	return v3Moment{s.systemTime(floor(t)), s.displayTime(floor(t), p.zone())}
}
