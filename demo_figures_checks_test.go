package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// naive are the statistics of some readings, computed as the definitions read
// (statistics of glucose: Battelino 2019, Bergenstal 2018, Kovatchev 2006, Klonoff 2022).
type naive struct{ sorted []float64 }

func naiveOf(readings []simulator.Reading, from, to time.Time) (n naive) {
	for _, r := range readings {
		if !r.SystemTime.Before(from) && r.SystemTime.Before(to) {
			n.sorted = append(n.sorted, float64(r.Value))
		}
	}
	slices.Sort(n.sorted)
	return n
}

func (n naive) average(of func(float64) float64) float64 {
	sum := 0.0
	for _, v := range n.sorted {
		sum += of(v)
	}
	return sum / float64(len(n.sorted))
}

func (n naive) mean() float64 { return n.average(func(v float64) float64 { return v }) }

func (n naive) sd() float64 {
	mean := n.mean()
	return math.Sqrt(n.average(func(v float64) float64 { return (v - mean) * (v - mean) }))
}

func (n naive) percentile(p float64) float64 {
	h := float64(len(n.sorted)-1) * p / 100
	low, high := n.sorted[int(math.Floor(h))], n.sorted[int(math.Ceil(h))]
	return low + (h-math.Floor(h))*(high-low)
}

// share is that of the values from low to below high.
func (n naive) share(low, high float64) float64 {
	return n.average(func(v float64) float64 {
		if v >= low && v < high {
			return 1
		}
		return 0
	})
}

func (n naive) index(sign float64) float64 {
	return 22.77081 * n.average(func(v float64) float64 {
		return math.Pow(max(0, sign*(math.Pow(math.Log(v), 1.084)-5.381)), 2)
	})
}

func (n naive) gri() float64 {
	return min(100, 100*(3*n.share(0, 54)+2.4*n.share(54, 70)+0.8*n.share(180.001, 250.001)+1.6*n.share(250.001, 999)))
}

// historyOf are all readings that the program keeps of somebody, oldest first.
func historyOf(p *demoPerson, length time.Duration, asked time.Time) []simulator.Reading {
	if p.revoked {
		return nil
	}
	return merged(publishedBy(p, asked), releasedTo(p, length, asked))
}

// figuresEnd is where the windows end: just after the newest reading, if that is fresh.
func (p truth) figuresEnd() time.Time {
	if !p.newest.SystemTime.IsZero() && p.shown.Sub(p.newest.SystemTime) < p.staleAfter() {
		return p.newest.SystemTime.Add(5 * time.Minute)
	}
	return p.shown
}

// perWindow asks for a figure of each window that has as many days of data as it needs.
func perWindow(fewestDays, least float64, read func(naive, string) want) check {
	return func(p truth) want {
		all, history, end := want{}, p.history(), p.figuresEnd()
		for window, days := range map[string]float64{"24h": 1, "7d": 7, "14d": 14} {
			length := time.Duration(days*24) * time.Hour
			n := naiveOf(history, end.Add(-length), end)
			active := float64(len(n.sorted)) / (288 * days)
			if days < fewestDays || least > 0 && (active < least || len(n.sorted) < 144) {
				continue
			}
			maps.Copy(all, read(n, " window="+window))
		}
		return all
	}
}

func one(read func(naive) float64) func(naive, string) want {
	return func(n naive, window string) want { return want{window: read(n)} }
}

func figureChecks() map[string]check {
	figures := map[string]check{
		"dexcom_readings": perWindow(0, 0, one(func(n naive) float64 { return float64(len(n.sorted)) })),
		"dexcom_sensor_active_ratio": perWindow(0, 0, func(n naive, window string) want {
			days := map[string]float64{" window=24h": 1, " window=7d": 7, " window=14d": 14}[window]
			return want{window: min(1, float64(len(n.sorted))/(288*days))}
		}),
		"dexcom_glucose_mean_mg_dl":   perWindow(0, 0.5, one(naive.mean)),
		"dexcom_glucose_stddev_mg_dl": perWindow(0, 0.5, one(naive.sd)),
		"dexcom_glucose_cv_ratio":     perWindow(0, 0.5, one(func(n naive) float64 { return n.sd() / n.mean() })),
		"dexcom_low_glucose_index":    perWindow(0, 0.5, one(func(n naive) float64 { return n.index(-1) })),
		"dexcom_high_glucose_index":   perWindow(0, 0.5, one(func(n naive) float64 { return n.index(1) })),
		"dexcom_glucose_gmi_ratio":    perWindow(14, 0.7, one(func(n naive) float64 { return (3.31 + 0.02392*n.mean()) / 100 })),
		"dexcom_glycemia_risk_index":  perWindow(14, 0.7, one(naive.gri)),
		"dexcom_glucose_percentile_mg_dl": perWindow(0, 0.5, func(n naive, window string) want {
			all := want{}
			for _, percent := range []float64{5, 25, 50, 75, 95} {
				all[fmt.Sprintf(" percentile=%v%s", percent, window)] = n.percentile(percent)
			}
			return all
		}),
		"dexcom_time_in_range_ratio": perWindow(0, 0.5, func(n naive, window string) want {
			return want{
				" range=very_low" + window: n.share(0, 54), " range=low" + window: n.share(54, 70), " range=target" + window: n.share(70, 180.001),
				" range=high" + window: n.share(180.001, 250.001), " range=very_high" + window: n.share(250.001, 999),
			}
		}),
		"dexcom_agp_mg_dl": profileOf,
	}
	return figures
}

// profileOf sorts the readings into the half hours of the person's day.
func profileOf(p truth) want {
	halves, end := map[string]naive{}, p.figuresEnd()
	for _, r := range p.history() {
		if r.SystemTime.Before(end.Add(-p.during.history)) || !r.SystemTime.Before(end) {
			continue
		}
		local := r.SystemTime
		if p.Zone != nil {
			local = local.In(p.Zone)
		}
		half := fmt.Sprintf("%02d:%02d", local.Hour(), local.Minute()/30*30)
		halves[half] = naive{append(halves[half].sorted, float64(r.Value))}
	}
	all := want{}
	for half, n := range halves {
		slices.Sort(n.sorted)
		for _, percent := range []float64{5, 25, 50, 75, 95} {
			if len(n.sorted) >= 5 {
				all[fmt.Sprintf(" percentile=%v time_of_day=%s", percent, half)] = n.percentile(percent)
			}
		}
	}
	return all
}
