package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestV3CalibrationsTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, p := range diarists(t) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			from, to := now.AddDate(0, 0, -30), now
			truth := make(map[string]Calibration)
			for _, c := range p.Calibrations(from, to, now) {
				truth[c.RecordID] = c
			}
			seen := make(map[string]bool)
			for _, r := range records(t, New(p), p.Name, "/v3/users/self/calibrations", between(from, to)) {
				id, _ := r["recordId"].(string)
				seen[id] = true
				system, _ := understand(r["systemTime"], time.UTC)
				display, _ := understand(r["displayTime"], p.zone())
				if c := truth[id]; r["value"] != float64(c.Value) || !system.Equal(c.SystemTime) || !display.Equal(c.SystemTime) {
					t.Errorf("%s: %v, want %+v", p.Name, r, c)
				}
				s, _ := p.Session(system)
				ticks, _ := r["transmitterTicks"].(float64)
				if age := system.Sub(s.TransmitterStart).Seconds(); ticks < age-1 || ticks > age+61 {
					t.Errorf("%s: %v ticks after %v s", p.Name, ticks, age)
				}
				if r["transmitterId"] != s.TransmitterID && (!p.Quirks || r["transmitterId"] != "") {
					t.Errorf("%s: transmitter %v, want %s", p.Name, r["transmitterId"], s.TransmitterID)
				}
				if unit := r["unit"]; unit != "mg/dL" && (unit != nil || !p.Quirks) {
					t.Errorf("%s: unit %v", p.Name, unit)
				}
			}
			if len(seen) != len(truth) {
				t.Errorf("%s: %d calibrations, want %d", p.Name, len(seen), len(truth))
			}
		})
	}
}
