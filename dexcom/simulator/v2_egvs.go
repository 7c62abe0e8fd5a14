package simulator

import (
	"net/http"
	"time"
)

// v2EGVs is the body of GET /v2/users/self/egvs.
type v2EGVs struct {
	Unit     *string `json:"unit"`
	RateUnit *string `json:"rateUnit"`
	EGVs     []v2EGV `json:"egvs"`
}

// v2EGV is one value in it. Value is SmoothedValue if that is not nil. Fields of
// type any are a figure or nil, which is null.
type v2EGV struct {
	SystemTime    string   `json:"systemTime"`
	DisplayTime   string   `json:"displayTime"`
	Value         any      `json:"value"`
	RealtimeValue any      `json:"realtimeValue"`
	SmoothedValue any      `json:"smoothedValue"`
	Status        *string  `json:"status"`
	Trend         *string  `json:"trend"`
	TrendRate     *float64 `json:"trendRate"`
}

func v2GetEGVs(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
	start, end, err := window(r.URL.Query(), v2Window)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, p.v2EGVs(start, end, now))
}

// v2EGVs are the values of a window, newest first.
func (p *Person) v2EGVs(start, end, now time.Time) v2EGVs {
	var egvs []v2EGV
	for x, r := range p.v2Readings(ceil(start), ceil(end), floor(now)) {
		egvs = append(egvs, p.v2EGV(x, r))
	}
	egvs = newestFirst(p, floor(start), egvs)
	if p.Quirks && len(egvs) == 0 {
		return v2EGVs{EGVs: egvs}
	}
	unit, rateUnit := "mg/dL", "mg/dL/min"
	return v2EGVs{&unit, &rateUnit, egvs}
}

func (p *Person) v2EGV(x sample, r V2Reading) v2EGV {
	e := v2EGV{
		Value:         p.figure(r.Value, x.key),
		RealtimeValue: p.figure(r.Realtime, x.key),
		Status:        p.status(r.Value, x.key),
		Trend:         &r.Trend,
	}
	e.SystemTime, e.DisplayTime = x.spelling.v2Times(x.system, p.zone())
	if r.HasSmoothed {
		e.SmoothedValue = p.figure(r.Smoothed, x.key)
	}
	if p.odd(forNullValue, x.key, 0.04) {
		e.Value = nil
	}
	if r.HasRate {
		e.TrendRate = &r.TrendRate
	}
	if r.Trend == "unknown" { // a word of version 3
		e.Trend = nil
	}
	return e
}
