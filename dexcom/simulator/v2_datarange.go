package simulator

import (
	"net/http"
	"time"
)

// v2Range is the body of GET /v2/users/self/dataRange. Kinds without data are null.
type v2Range struct {
	Calibrations *v2Extent `json:"calibrations"`
	EGVs         *v2Extent `json:"egvs"`
	Events       *v2Extent `json:"events"`
}

type v2Extent struct {
	Start v2Moment `json:"start"`
	End   v2Moment `json:"end"`
}

type v2Moment struct {
	SystemTime  string `json:"systemTime"`
	DisplayTime string `json:"displayTime"`
}

func v2DataRange(p *Person, now time.Time, w http.ResponseWriter, _ *http.Request) {
	body := v2Range{}
	if p.v2Covers() {
		body = v2Range{
			Calibrations: p.v2Extent(p.calibrationJournal(), now),
			EGVs:         p.v2Extent(p.egvJournal(), now),
			Events:       p.v2Extent(p.eventJournal(v2EventKinds(), floor(now)-p.lag(), p.v2Told), now),
		}
	}
	answer(w, http.StatusOK, body)
}

func (p *Person) v2Extent(j journal, now time.Time) *v2Extent {
	start, end, ok := p.extent(j, now, time.Time{})
	if !ok {
		return nil
	}
	return &v2Extent{p.v2Moment(start), p.v2Moment(end)}
}

func (p *Person) v2Moment(t time.Time) v2Moment {
	s := spelling{millis: floor(t)%second != 0}
	system, display := s.v2Times(floor(t), p.zone())
	return v2Moment{system, display}
}
