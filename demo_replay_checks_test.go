package main

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// replayLag is how late the replay gauge is: late enough for the sources.
func (p truth) replayLag() time.Duration {
	switch {
	case p.share:
		return 15 * time.Minute
	case p.region == dexcom.US && p.version == dexcom.V3:
		return 2*time.Hour + 30*time.Minute
	}
	return 4*time.Hour + 30*time.Minute
}

// replayChecks are about the gauge that shows each reading a fixed time late.
func replayChecks() map[string]check {
	return map[string]check{
		"dexcom_exporter_replay_lag_seconds":  func(p truth) want { return want{"": p.replayLag().Seconds()} },
		"dexcom_exporter_replay_missed_total": func(truth) want { return want{"": 0} }, // what the first answer brings is no news
		"dexcom_glucose_replay_mg_dl": func(p truth) want {
			moment := p.shown.Add(-p.replayLag())
			for _, r := range slices.Backward(p.readings) {
				if age := moment.Sub(r.SystemTime); age >= 0 && age < 6*time.Minute {
					return want{"": float64(r.Value)}
				}
			}
			return nil
		},
	}
}
