package collector

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func (a *account) figuresNow() []Figures { return a.snapshot(time.Now()).Figures }

// A sensor that misses nothing has an active ratio of 1 although its data is hours
// late, until that is too late to be shown.
func TestFiguresOfLateData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, false, 12*time.Hour)
		a.settings.StaleAfter, a.settings.Bounds = 5*time.Hour, glucose.StandardBounds()
		a.bring(newestFetch, everyFiveMinutes(noon().Add(-27*time.Hour-2*time.Minute), 289, 100, true)...)
		day := a.figuresNow()[0]
		if day.Window != "24h" || day.Readings != 288 || day.ActiveRatio != 1 || !day.End.Equal(noon().Add(-3*time.Hour+3*time.Minute)) || !day.HasSummary || day.HasGMI {
			t.Errorf("three hours late: %+v", day)
		}
		time.Sleep(2*time.Hour + time.Minute)
		if day = a.figuresNow()[0]; !day.End.Equal(time.Now()) || day.Readings != 228 || math.Abs(day.ActiveRatio-228.0/288) > 1e-9 {
			t.Errorf("too late: %d readings, ratio %v, until %v", day.Readings, day.ActiveRatio, day.End)
		}
		time.Sleep(20 * time.Hour)
		if day = a.figuresNow()[0]; day.Readings != 0 || day.ActiveRatio != 0 || day.HasSummary {
			t.Errorf("a day too late: %+v", day)
		}
	})
}

// Too little data has a number of readings, and no figures.
func TestFiguresNeedEnoughData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.settings.StaleAfter = 15 * time.Minute
		a.bring(newestFetch, everyFiveMinutes(noon().Add(-143*5*time.Minute), 143, 100, true)...)
		for _, metric := range []string{"dexcom_glucose_mean_mg_dl", "dexcom_glucose_cv_ratio", "dexcom_time_in_range_ratio", "dexcom_low_glucose_index"} {
			if got, there := value(t, c, metric); there {
				t.Errorf("%s is %v of 143 readings", metric, got)
			}
		}
		if got := a.figuresNow()[0].Readings; got != 143 {
			t.Errorf("%d readings", got)
		}
		time.Sleep(2 * time.Minute)
		a.bring(newestFetch, ago(time.Minute, 100))
		if got, there := value(t, c, "dexcom_glucose_mean_mg_dl"); got != 100 || !there {
			t.Errorf("mean %v (%v) of 144 readings", got, there)
		}
		if got, there := value(t, c, "dexcom_glucose_gmi_ratio"); there {
			t.Errorf("GMI %v of half a day", got)
		}
	})
}

// Statistics are computed again when readings came, and once a minute at most.
func TestFiguresAreComputedOnceAMinute(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, false, 12*time.Hour)
		a.settings.StaleAfter = 15 * time.Minute
		a.bring(newestFetch, ago(5*time.Minute, 100))
		first := &a.figuresNow()[0]
		time.Sleep(5 * time.Second)
		a.bring(newestFetch, ago(0, 120))
		if again := &a.figuresNow()[0]; again != first {
			t.Error("computed twice in a minute")
		}
		time.Sleep(time.Minute)
		second := &a.figuresNow()[0]
		if second == first || second.Readings != 2 {
			t.Errorf("%d readings after a minute", second.Readings)
		}
		time.Sleep(3 * time.Minute)
		if again := &a.figuresNow()[0]; again != second {
			t.Error("computed although nothing changed")
		}
		a.bring(wholeFetch, ago(time.Hour, 90))
		if again := &a.figuresNow()[0]; again.Readings != 3 {
			t.Error("the whole history came, and does not show at once")
		}
		a.forget()
		if again := &a.figuresNow()[0]; again.Readings != 0 {
			t.Errorf("%d readings of a person who is forgotten", again.Readings)
		}
	})
}

// The profile goes by the person's clock: that of a zone, or that of the device.
func TestTheProfileGoesByThePersonsClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			t.Fatal(err)
		}
		for name, zone := range map[string]*time.Location{"a zone": tokyo, "the device": nil} {
			a := bare(nil, false, 12*time.Hour)
			a.settings.StaleAfter, a.settings.Timezone, a.settings.Profile = 5*time.Hour, zone, true
			var week []dexcom.Reading
			for day := range 7 {
				r := ago(time.Duration(day)*24*time.Hour+time.Hour, 100) // 11:00 UTC
				r.DisplayTime = r.Time.In(time.FixedZone("", 9*60*60))
				week = append(week, r)
			}
			a.bring(newestFetch, week...)
			profile := a.snapshot(time.Now()).Profile
			for entry, half := range profile {
				if want := glucose.TimeOfDay(entry) == "20:00"; half.Sufficient() != want {
					t.Errorf("%s: %d readings at %s", name, half.Readings, glucose.TimeOfDay(entry))
				}
			}
		}
		a := bare(nil, false, 12*time.Hour)
		if a.snapshot(time.Now()).Profile != nil {
			t.Error("a profile that nobody wants")
		}
	})
}

// The windows follow what the history keeps.
func TestWindowsFollowTheHistory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for days, want := range map[int]int{1: 3, 14: 3, 29: 3, 30: 4, 89: 4, 90: 5} {
			a := bare(nil, false, 12*time.Hour)
			a.history.keep = time.Duration(days) * 24 * time.Hour
			if got := len(a.figuresNow()); got != want {
				t.Errorf("%d windows of %d days", got, days)
			}
		}
	})
}

// Our figures are those that Dexcom's version 2 computes of the same readings.
func TestFiguresAgreeWithDexcoms(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := &simulator.Person{
			Name: "p", Seed: 91, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: noon().Add(-30 * 24 * time.Hour),
			Mean: 160, Swing: 110, AwayShare: 0.1, Quirks: true,
		}
		cloud := simulator.New(p)
		w := socketless(cloud, readingsOnly{cloud})
		w.version = dexcom.V2
		config := w.follow(p.Name)
		config.History = 30 * 24 * time.Hour
		c, stop := run(t, config)
		defer stop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		f := c.Snapshots()[0].Figures[2]
		day := simulator.TargetRange{Start: 0, End: 24 * time.Hour, UrgentLow: 54, Low: 70, High: 180}
		theirs := p.Statistics(f.Start, f.End, time.Now(), []simulator.TargetRange{day})
		percent := func(ranges ...glucose.Range) float64 { return 100 * f.Ranges.Share(ranges...) }
		for name, pair := range map[string][2]float64{
			"values":    {float64(f.Readings), float64(theirs.NValues)},
			"mean":      {f.Mean, theirs.Mean},
			"SD":        {f.SD, theirs.StdDev},
			"min":       {f.Min, float64(theirs.Min)},
			"max":       {f.Max, float64(theirs.Max)},
			"Q1":        {f.Percentiles[1], theirs.Q1},
			"median":    {f.Percentiles[2], theirs.Median},
			"Q3":        {f.Percentiles[3], theirs.Q3},
			"very low":  {percent(glucose.VeryLow), theirs.PercentUrgentLow},
			"low":       {percent(glucose.Low), theirs.PercentBelowRange},
			"target":    {percent(glucose.Target), theirs.PercentWithinRange},
			"above all": {percent(glucose.High, glucose.VeryHigh), theirs.PercentAboveRange},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9*math.Abs(pair[1]) || pair[1] == 0 {
				t.Errorf("%s: %v, Dexcom has %v", name, pair[0], pair[1])
			}
		}
	})
}

// Polls that bring nothing new cost nothing, and a mismatch leaves no figure of the
// other person.
func TestFiguresFollowWhatChanges(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := bare(nil, true, 12*time.Hour)
		a.settings.StaleAfter, a.both.answered = 5*time.Hour, true
		day := everyFiveMinutes(noon().Add(-24*time.Hour), 280, 300, true)
		a.bring(newestFetch, day...)
		a.figuresNow()
		for range 5 {
			first := &a.figuresNow()[0]
			time.Sleep(5 * time.Minute)
			a.bring(newestFetch, day...)
			if again := &a.figuresNow()[0]; again != first {
				t.Error("computed although nothing is new")
			}
		}
		if f := a.figuresNow()[0]; f.Mean != 300 || !f.HasSummary {
			t.Fatalf("%+v", f)
		}
		a.bring(shareFetch, everyFiveMinutes(noon().Add(-2*time.Hour), 25, 100, false)...)
		if f := a.figuresNow()[0]; f.Readings != 25 || f.HasSummary || f.Mean != 100 {
			t.Errorf("after a mismatch: %d readings, mean %v", f.Readings, f.Mean)
		}
	})
}
