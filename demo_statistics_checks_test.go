package main

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// statisticsChecks are about what version 2 computes over two weeks, in the
// standard ranges at any time of day.
func statisticsChecks() map[string]check {
	figure := func(read func(simulator.Statistics) float64) check {
		return ofV2(func(s simulator.Statistics) want { return want{" window=14d": read(s)} })
	}
	return map[string]check{
		"dexcom_statistics_mean_mg_dl":         figure(func(s simulator.Statistics) float64 { return s.Mean }),
		"dexcom_statistics_median_mg_dl":       figure(func(s simulator.Statistics) float64 { return s.Median }),
		"dexcom_statistics_min_mg_dl":          figure(func(s simulator.Statistics) float64 { return float64(s.Min) }),
		"dexcom_statistics_max_mg_dl":          figure(func(s simulator.Statistics) float64 { return float64(s.Max) }),
		"dexcom_statistics_stddev_mg_dl":       figure(func(s simulator.Statistics) float64 { return s.StdDev }),
		"dexcom_statistics_values":             figure(func(s simulator.Statistics) float64 { return float64(s.NValues) }),
		"dexcom_statistics_ndays":              figure(func(s simulator.Statistics) float64 { return float64(s.NDays) }),
		"dexcom_statistics_utilization_ratio":  figure(func(s simulator.Statistics) float64 { return s.UtilizationPercent / 100 }),
		"dexcom_statistics_daily_calibrations": figure(func(s simulator.Statistics) float64 { return s.MeanDailyCalibrations }),
		"dexcom_statistics_hypoglycemia_risk": figure(func(s simulator.Statistics) float64 {
			return map[string]float64{"minimal": 0, "low": 1, "moderate": 2, "high": 3}[s.HypoglycemiaRisk]
		}),
		"dexcom_statistics_quartile_mg_dl": ofV2(func(s simulator.Statistics) want {
			return want{" quartile=1 window=14d": s.Q1, " quartile=2 window=14d": s.Q2, " quartile=3 window=14d": s.Q3}
		}),
		"dexcom_statistics_range_ratio": ofV2(func(s simulator.Statistics) want {
			n := float64(s.NValues)
			return want{
				" range=very_low window=14d": float64(s.NUrgentLow) / n, " range=low window=14d": float64(s.NBelowRange) / n,
				" range=target window=14d": float64(s.NWithinRange) / n, " range=high window=14d": float64(s.NAboveRange) / n,
			}
		}),
	}
}

// ofV2 is for what version 3 does not have.
func ofV2(read func(simulator.Statistics) want) check {
	return func(p truth) want {
		if p.version != dexcom.V2 {
			return nil
		}
		return read(p.statistics())
	}
}

// statisticsOf are of two weeks in whole seconds, in two halves of the day.
func statisticsOf(p *demoPerson, asked time.Time) simulator.Statistics {
	day := simulator.TargetRange{Start: 6 * time.Hour, End: 22 * time.Hour, UrgentLow: 54, Low: 70, High: 180}
	night := day
	night.Start, night.End = day.End, day.Start
	to := asked.Truncate(time.Second)
	return p.Statistics(to.Add(-14*24*time.Hour), to, asked, []simulator.TargetRange{day, night})
}
