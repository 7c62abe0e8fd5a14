package collector

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// readStatistics asks for Dexcom's own figures over two weeks, in the person's
// ranges. Newer documents of Dexcom's do not name the endpoint any more: that it
// is not there is no failure.
func (s *apiSource) readStatistics(ctx context.Context) error {
	now := time.Now()
	statistics, err := s.client.Statistics(ctx, now.Add(-lastTwoWeeks.length()), now, wholeDay(s.bounds))
	if refused, ok := errors.AsType[*dexcom.Error](err); ok && refused.StatusCode == http.StatusNotFound {
		s.account.setStatistics(s.choresFor, nil)
		return nil
	}
	if err == nil {
		s.account.setStatistics(s.choresFor, &statistics)
	}
	return err
}

// wholeDay is the bounds for two halves of the day: one range of 24 h could only
// begin and end at the same time of day.
func wholeDay(b glucose.Bounds) []dexcom.TargetRange {
	day := dexcom.TargetRange{Name: "day", Start: 6 * time.Hour, End: 22 * time.Hour, UrgentLow: b.VeryLow, Low: b.Low, High: b.High}
	night := day
	night.Name, night.Start, night.End = "night", day.End, day.Start
	return []dexcom.TargetRange{day, night}
}

// setStatistics replaces what Dexcom computed for a person; nil is nothing.
func (a *account) setStatistics(person int, statistics *dexcom.Statistics) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person == a.person {
		a.statistics = statistics
		a.answered["statistics"] = time.Now()
	}
}

func statisticsRows() []row {
	figure := func(name, help string, read func(dexcom.Statistics) float64) row {
		return gauge("dexcom_statistics_"+name, help+", as Dexcom computes it (version 2 only).", []string{"window"},
			ofStatistics(func(s dexcom.Statistics, emit emit) { emitNumber(emit, read(s), string(lastTwoWeeks)) }))
	}
	return []row{
		figure("mean_mg_dl", "Mean glucose", func(s dexcom.Statistics) float64 { return s.Mean }),
		figure("median_mg_dl", "Median glucose", func(s dexcom.Statistics) float64 { return s.Median }),
		figure("min_mg_dl", "Lowest glucose", func(s dexcom.Statistics) float64 { return s.Min }),
		figure("max_mg_dl", "Highest glucose", func(s dexcom.Statistics) float64 { return s.Max }),
		figure("stddev_mg_dl", "Standard deviation of glucose", func(s dexcom.Statistics) float64 { return s.StdDev }),
		figure("values", "Number of readings", func(s dexcom.Statistics) float64 { return s.NValues }),
		figure("ndays", "Number of days that have readings", func(s dexcom.Statistics) float64 { return s.NDays }),
		figure("utilization_ratio", "Share of the time that has readings", func(s dexcom.Statistics) float64 { return s.UtilizationPercent / 100 }),
		figure("daily_calibrations", "Calibrations a day", func(s dexcom.Statistics) float64 { return s.MeanDailyCalibrations }),
		figure("hypoglycemia_risk", "Risk of low glucose from 0 (minimal) to 3 (high)", func(s dexcom.Statistics) float64 {
			if level, known := s.HypoglycemiaRisk.Level(); known {
				return float64(level)
			}
			return math.NaN()
		}),
		gauge("dexcom_statistics_quartile_mg_dl", "Quartile of glucose, as Dexcom computes it (version 2 only).", []string{"quartile", "window"},
			ofStatistics(func(s dexcom.Statistics, emit emit) {
				emitNumber(emit, s.Q1, "1", string(lastTwoWeeks))
				emitNumber(emit, s.Q2, "2", string(lastTwoWeeks))
				emitNumber(emit, s.Q3, "3", string(lastTwoWeeks))
			})),
		gauge("dexcom_statistics_range_ratio", "Share of readings in the range, as Dexcom computes it (version 2 only); high has the very high ones too.", []string{"range", "window"},
			ofStatistics(func(s dexcom.Statistics, emit emit) {
				emitNumber(emit, s.PercentUrgentLow/100, glucose.VeryLow.String(), string(lastTwoWeeks))
				emitNumber(emit, s.PercentBelowRange/100, glucose.Low.String(), string(lastTwoWeeks))
				emitNumber(emit, s.PercentWithinRange/100, glucose.Target.String(), string(lastTwoWeeks))
				emitNumber(emit, s.PercentAboveRange/100, glucose.High.String(), string(lastTwoWeeks))
			})),
	}
}

func ofStatistics(read func(dexcom.Statistics, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		if s.Statistics != nil {
			read(*s.Statistics, emit)
		}
	}
}

// emitNumber leaves out what Dexcom gave no number for.
func emitNumber(emit emit, value float64, labels ...string) {
	emitIf(emit, !math.IsNaN(value), value, labels...)
}
