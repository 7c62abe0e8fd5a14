package main

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// staleAfter is when a value disappears: Share is asked for the value of now.
func (p truth) staleAfter() time.Duration {
	if p.share {
		return 15 * time.Minute
	}
	return 5 * time.Hour
}

// glucoseChecks are about the newest reading, whoever told it. All but its time
// disappear when it is too old.
func glucoseChecks() map[string]check {
	live := func(read check) check {
		return func(p truth) want {
			if p.shown.Sub(p.newest.SystemTime) >= p.staleAfter() {
				return nil
			}
			return read(p)
		}
	}
	return map[string]check{
		"dexcom_glucose_timestamp_seconds": func(p truth) want {
			if p.newest.SystemTime.IsZero() {
				return nil
			}
			return want{"": unix(p.newest.SystemTime)}
		},
		// The clock of whoever has a reading: even Share's times are never ahead of ours.
		"dexcom_device_clock_skew_seconds": func(p truth) want {
			if p.newest.SystemTime.IsZero() {
				return nil
			}
			return want{"": 0}
		},
		"dexcom_glucose_mg_dl": live(func(p truth) want { return want{"": float64(p.newest.Value)} }),
		"dexcom_glucose_rate_mg_dl_per_minute": live(func(p truth) want {
			if !p.newest.HasRate {
				return nil
			}
			return want{"": p.newest.TrendRate}
		}),
		"dexcom_glucose_slope_mg_dl_per_minute": live(slopeOf),
		"dexcom_glucose_trend": live(func(p truth) want {
			arrow, ok := map[string]float64{
				"doubleUp": 3, "singleUp": 2, "fortyFiveUp": 1, "flat": 0, "fortyFiveDown": -1, "singleDown": -2, "doubleDown": -3,
			}[p.newest.Trend]
			if !ok {
				return nil
			}
			return want{"": arrow}
		}),
		"dexcom_glucose_out_of_range": live(func(p truth) want {
			return want{"": map[int]float64{simulator.Low: -1, simulator.High: 1}[p.newest.Value]}
		}),
	}
}

// slopeOf is the least-squares slope by the textbook's sums.
func slopeOf(p truth) want {
	var n, sumX, sumY, sumXX, sumXY float64
	var last time.Time
	for _, r := range p.readings {
		since := p.newest.SystemTime.Sub(r.SystemTime)
		if since > 20*time.Minute {
			continue
		}
		if r.Value == simulator.Low || r.Value == simulator.High || n > 0 && r.SystemTime.Sub(last) > 11*time.Minute {
			return nil
		}
		x, y := -since.Minutes(), float64(r.Value)
		n, sumX, sumY, sumXX, sumXY, last = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y, r.SystemTime
	}
	if n < 3 {
		return nil
	}
	return want{"": (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)}
}

// arrivalChecks are about readings as they arrive. What the first fetch brings does
// not count, for anybody.
func arrivalChecks() map[string]check {
	return map[string]check{
		"dexcom_egvs_total": func(truth) want {
			return want{" range=very_low": 0, " range=low": 0, " range=target": 0, " range=high": 0, " range=very_high": 0}
		},
	}
}
