package glucose

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestDaysWithReadings(t *testing.T) {
	t.Parallel()
	london, auckland := zone(t, "Europe/London"), zone(t, "Pacific/Auckland")
	at := func(place *time.Location, date, hour, minute int) Sample {
		return Sample{time.Date(2026, 3, date, hour, minute, 0, 0, place), 100}
	}
	for name, test := range map[string]struct {
		samples []Sample
		want    int
	}{
		"none":                         {nil, 0},
		"one reading":                  {[]Sample{at(london, 28, 12, 0)}, 1},
		"either side of midnight":      {[]Sample{at(london, 28, 23, 59), at(london, 29, 0, 0)}, 2},
		"both ends of a short day":     {[]Sample{at(london, 29, 0, 0), at(london, 29, 23, 59)}, 1},
		"a day without":                {[]Sample{at(london, 1, 12, 0), at(london, 3, 12, 0)}, 2},
		"back and forth":               {[]Sample{at(london, 1, 12, 0), at(london, 2, 12, 0), at(london, 1, 13, 0)}, 2},
		"midnight of UTC is not here":  {[]Sample{at(auckland, 10, 12, 30), at(auckland, 10, 13, 30)}, 1},
		"what is no reading":           {[]Sample{{noon(), math.NaN()}, {noon().AddDate(0, 0, 1), 0}}, 0},
		"a day whose number is 0":      {[]Sample{{time.Unix(0, 0).UTC(), 100}, {time.Unix(86399, 0).UTC(), 100}}, 1},
		"before 1970":                  {[]Sample{{time.Unix(-1, 0).UTC(), 100}, {time.Unix(0, 0).UTC(), 100}, {time.Unix(-86400, 0).UTC(), 100}}, 2},
		"a day in two places":          {[]Sample{at(london, 5, 12, 0), at(auckland, 5, 12, 0)}, 1},
		"a day lost over the Pacific":  {[]Sample{at(time.FixedZone("", -10*3600), 5, 20, 0), at(auckland, 7, 1, 0)}, 2},
		"a day twice over the Pacific": {[]Sample{at(auckland, 5, 20, 0), at(time.FixedZone("", -10*3600), 5, 9, 0)}, 1},
	} {
		if got := Days(test.samples); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func TestDaysAgainstWrittenDates(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(27, 28))
	places := []*time.Location{zone(t, "Europe/London"), zone(t, "Australia/Lord_Howe"), zone(t, "Asia/Kathmandu")}
	for range 200 {
		dates := map[string]bool{}
		samples := make([]Sample, random.IntN(200))
		for i := range samples {
			at := noon().Add(time.Duration(random.Int64N(int64(60 * days)))).In(places[random.IntN(len(places))])
			samples[i] = Sample{at, 100}
			dates[at.Format(time.DateOnly)] = true
		}
		if got := Days(samples); got != len(dates) {
			t.Fatalf("%d days, want %d", got, len(dates))
		}
	}
}

// The figures of two answers of Dexcom's are of this form: 100 nValues/(288 nDays).
func TestUtilization(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		readings, days int
		want           float64
	}{
		{0, 0, 0}, {288, 0, 0}, {0, 14, 0}, {288, 1, 1}, {144, 1, 0.5}, {4032, 14, 1}, {2016, 14, 0.5}, {300, 1, 300.0 / 288},
	} {
		if got := Utilization(test.readings, test.days); got != test.want {
			t.Errorf("%d readings on %d days: %v, want %v", test.readings, test.days, got, test.want)
		}
	}
}
