package collector

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// transmitter is what the ticks of the newest reading tell.
type transmitter struct {
	generation dexcom.Generation
	start      time.Time // zero when unknown
	seen       time.Time // time of the reading that told it
}

// observe keeps the start where it is until it moves by more than 5 minutes:
// ticks and clocks drift.
func (t *transmitter) observe(r dexcom.Reading) {
	if r.Time.Before(t.seen) || r.Generation == dexcom.UnknownGeneration && r.TransmitterAge == 0 {
		return
	}
	t.seen = r.Time
	start := r.Time.Add(-r.TransmitterAge)
	switch {
	case r.TransmitterAge == 0 && r.Generation != t.generation:
		t.start = time.Time{}
	case r.TransmitterAge == 0:
		return
	case t.start.IsZero() || start.Sub(t.start).Abs() > 5*time.Minute:
		t.start = start
	}
	t.generation = r.Generation
}
