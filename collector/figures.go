package collector

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// Figures are the statistics of one stretch of a person's readings. Those that rest on
// too little data are not shown, see [glucose.SufficientForSummary].
type Figures struct {
	Window string // 24h, 7d, 14d, 30d or 90d
	// Start and End bound the stretch, the end does not belong to it: just after the
	// newest reading while that may be shown as the value of now, else now.
	Start, End  time.Time
	ActiveRatio float64
	glucose.Summary
	// HasSummary and HasGMI tell whether there is enough data for the summary, and for
	// GMI and GRI.
	HasSummary, HasGMI bool
}

// figured are the statistics of an account, and of what they were computed.
type figured struct {
	at, end time.Time
	changes int
	fetched [3]bool
	windows []Figures
	profile *glucose.Profile // nil: not wanted
}

// figuredFor is how long statistics are good enough although readings came: they cost
// more than everything else in a scrape.
const figuredFor = time.Minute

// figure computes the statistics again if readings have changed, once a minute at
// most, but at once when a first fetch brought much. The caller holds mu.
func (a *account) figure(now time.Time) figured {
	newest, _ := a.history.newest(now.Add(tolerance))
	end := now
	if newest.Age(now) < a.settings.StaleAfter {
		end = newest.Time.Add(glucose.Interval)
	}
	last := &a.figured
	unchanged := last.changes == a.history.changes && last.end.Equal(end)
	recent := now.Sub(last.at) < figuredFor && !now.Before(last.at) && last.fetched == a.fetched
	if !last.at.IsZero() && (unchanged || recent) {
		return *last
	}
	d, _ := a.own.desks.Get().(*desk)
	if d == nil {
		d = &desk{}
	}
	defer a.own.desks.Put(d)
	a.figured = figured{at: now, end: end, changes: a.history.changes, fetched: a.fetched}
	samples := d.lay(a.history.samples(d.samples, a.settings.Timezone))
	for _, window := range a.windows() {
		a.figured.windows = append(a.figured.windows, figuresOf(window, end, samples, a.settings.Bounds, d.values))
	}
	if a.settings.Profile {
		profile := glucose.ProfileOf(glucose.Between(samples, end.Add(-a.history.keep), end), d.values)
		a.figured.profile = &profile
	}
	return a.figured
}

// desk is the room that statistics are computed in.
type desk struct {
	samples []glucose.Sample
	values  []float64
}

// lay puts samples on the desk, with room to work beside them.
func (d *desk) lay(samples []glucose.Sample) []glucose.Sample {
	d.samples, d.values = samples, slices.Grow(d.values[:0], len(samples))
	return samples
}

// windows are those that the history reaches.
func (a *account) windows() []lookback {
	windows := []lookback{lastDay, lastWeek, lastTwoWeeks}
	for _, longer := range []lookback{lastMonth, lastQuarter} {
		if a.history.keep >= longer.length() {
			windows = append(windows, longer)
		}
	}
	return windows
}

func figuresOf(window lookback, end time.Time, samples []glucose.Sample, bounds glucose.Bounds, scratch []float64) Figures {
	f := Figures{Window: string(window), Start: end.Add(-window.length()), End: end}
	f.Summary = glucose.Summarize(glucose.Between(samples, f.Start, f.End), bounds, scratch)
	f.ActiveRatio = glucose.ActiveRatio(f.Readings, window.length())
	f.HasSummary = glucose.SufficientForSummary(f.Readings, window.length())
	f.HasGMI = glucose.SufficientForGMI(f.Readings, window.length())
	return f
}

// samples writes all readings into room, each at the person's local time: of a zone, or
// by the clock of the device.
func (h *history) samples(room []glucose.Sample, zone *time.Location) []glucose.Sample {
	room = slices.Grow(room[:0], len(h.records))
	zones := map[int8]*time.Location{}
	for _, p := range h.records {
		r := p.record()
		local := zone
		if local == nil {
			if local = zones[r.offsetQuarter]; local == nil {
				local = time.FixedZone("", int(r.offsetQuarter)*15*60)
				zones[r.offsetQuarter] = local
			}
		}
		room = append(room, glucose.Sample{Time: time.UnixMilli(r.unixMilli).In(local), MgDL: r.mgdl})
	}
	return room
}

func figureRows() []row {
	window := []string{"window"}
	return slices.Concat([]row{
		gauge("dexcom_readings", "Number of readings in the window.", window,
			each(func(f Figures, emit emit) { emit(float64(f.Readings), f.Window) })),
		gauge("dexcom_sensor_active_ratio", "Readings in the window to those of a sensor that misses none.", window,
			each(func(f Figures, emit emit) { emit(f.ActiveRatio, f.Window) })),
	}, summaryRows(), profileRows())
}

// summaryRows need enough data.
func summaryRows() []row {
	window := []string{"window"}
	return []row{
		gauge("dexcom_glucose_mean_mg_dl", "Mean of the readings in the window.", window,
			summarized(func(f Figures, emit emit) { emit(f.Mean, f.Window) })),
		gauge("dexcom_glucose_stddev_mg_dl", "Standard deviation of the readings in the window, of the population.", window,
			summarized(func(f Figures, emit emit) { emit(f.SD, f.Window) })),
		gauge("dexcom_glucose_cv_ratio", "Coefficient of variation of the readings in the window; stable up to 0.36.", window,
			summarized(func(f Figures, emit emit) { emit(f.CV, f.Window) })),
		gauge("dexcom_low_glucose_index", "Low blood glucose index (LBGI) of the window.", window,
			summarized(func(f Figures, emit emit) { emit(f.LBGI, f.Window) })),
		gauge("dexcom_high_glucose_index", "High blood glucose index (HBGI) of the window.", window,
			summarized(func(f Figures, emit emit) { emit(f.HBGI, f.Window) })),
		gauge("dexcom_glucose_gmi_ratio", "Glucose management indicator of the window as a ratio: 0.07 is 7 %.", window,
			each(func(f Figures, emit emit) { emitIf(emit, f.HasGMI, f.GMI, f.Window) })),
		gauge("dexcom_glycemia_risk_index", "Glycemia risk index (GRI) of the window, 0 to 100.", window,
			each(func(f Figures, emit emit) { emitIf(emit, f.HasGMI, f.GRI, f.Window) })),
		gauge("dexcom_glucose_percentile_mg_dl", "Percentiles of the readings in the window.", []string{"window", "percentile"},
			summarized(func(f Figures, emit emit) {
				for i, percent := range glucose.Percents() {
					emit(f.Percentiles[i], f.Window, strconv.Itoa(percent))
				}
			})),
		gauge("dexcom_time_in_range_ratio", "Share of the readings in the window by range; the five add up to 1.", []string{"window", "range"},
			summarized(func(f Figures, emit emit) {
				for _, r := range glucose.Ranges() {
					emit(f.Ranges.Share(r), f.Window, r.String())
				}
			})),
	}
}

func profileRows() []row {
	var times [len(glucose.Profile{})]string
	for entry := range times {
		times[entry] = glucose.TimeOfDay(entry)
	}
	percents := glucose.Percents()
	places := []int{0, 1, 2, 3, 4}
	slices.SortFunc(places, func(a, b int) int { return strings.Compare(strconv.Itoa(percents[a]), strconv.Itoa(percents[b])) })
	return []row{
		gauge("dexcom_agp_mg_dl", "Percentiles of all readings kept, by half hour of the person's local day.", []string{"percentile", "time_of_day"},
			func(s Snapshot, emit emit) {
				if s.Profile == nil {
					return
				}
				var labels [2]string
				for _, place := range places { // in order of their texts: sorting takes long
					labels[0] = strconv.Itoa(percents[place])
					for entry := range s.Profile {
						half := &s.Profile[entry]
						labels[1] = times[entry]
						emitIf(emit, half.Sufficient(), half.Percentiles[place], labels[:]...)
					}
				}
			}),
	}
}

// each reads the figures of every window.
func each(read func(Figures, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, f := range s.Figures {
			read(f, emit)
		}
	}
}

// summarized reads the figures of the windows with enough data.
func summarized(read func(Figures, emit)) func(Snapshot, emit) {
	return each(func(f Figures, emit emit) {
		if f.HasSummary {
			read(f, emit)
		}
	})
}
