package glucose

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// wholeDay has a reading every five minutes from one midnight of a place to the
// next, however long that takes; each says which half hour the clock shows, from
// 100 on.
func wholeDay(year int, month time.Month, date int, place *time.Location) []Sample {
	var samples []Sample
	end := time.Date(year, month, date+1, 0, 0, 0, 0, place)
	for at := time.Date(year, month, date, 0, 0, 0, 0, place); at.Before(end); at = at.Add(Interval) {
		samples = append(samples, Sample{at, 100 + float64(2*at.Hour()+at.Minute()/30)})
	}
	return samples
}

func TestProfileOfADay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		place       string
		month       time.Month
		date        int
		other       map[string]int // half hours that do not have 6 readings
		utilization float64
	}{
		{"Europe/London", time.March, 28, nil, 1},
		{"Europe/London", time.March, 29, map[string]int{"01:00": 0, "01:30": 0}, 276.0 / 288},
		{"Europe/London", time.October, 25, map[string]int{"01:00": 12, "01:30": 12}, 300.0 / 288},
		{"America/New_York", time.March, 8, map[string]int{"02:00": 0, "02:30": 0}, 276.0 / 288},
		{"America/New_York", time.November, 1, map[string]int{"01:00": 12, "01:30": 12}, 300.0 / 288},
		{"Australia/Lord_Howe", time.October, 4, map[string]int{"02:00": 0}, 282.0 / 288},
		{"Australia/Lord_Howe", time.April, 5, map[string]int{"01:30": 12}, 294.0 / 288},
		{"Africa/Cairo", time.April, 24, map[string]int{"00:00": 0, "00:30": 0}, 276.0 / 288}, // no midnight
		{"Asia/Kolkata", time.March, 29, nil, 1},
		{"Asia/Kathmandu", time.October, 25, nil, 1},
		{"Pacific/Kiritimati", time.January, 1, nil, 1},
		{"UTC", time.March, 29, nil, 1},
	} {
		samples := wholeDay(2026, test.month, test.date, zone(t, test.place))
		profile := ProfileOf(samples, nil)
		for i, h := range profile {
			want, found := test.other[TimeOfDay(i)]
			if !found {
				want = 6
			}
			mgdl := 100 + float64(i)
			if want == 0 {
				mgdl = 0
			}
			if h.Readings != want || h.Sufficient() != (want > 0) || h.Percentiles != (Percentiles{mgdl, mgdl, mgdl, mgdl, mgdl}) {
				t.Errorf("%s, %d %s, %s: %+v, want %d readings of %g", test.place, test.date, test.month, TimeOfDay(i), h, want, mgdl)
			}
		}
		if n := Days(samples); n != 1 {
			t.Errorf("%s, %d %s: %d days", test.place, test.date, test.month, n)
		}
		if got := Utilization(len(samples), 1); got != test.utilization {
			t.Errorf("%s, %d %s: utilization %v, want %v", test.place, test.date, test.month, got, test.utilization)
		}
	}
}

func TestHalfHourNeedsFiveReadings(t *testing.T) {
	t.Parallel()
	for n := range 8 {
		samples := every(time.Second, []float64{110, 100, 130, 120, 140, 150, 160}[:n]...)
		h := ProfileOf(samples, nil)[24]
		if h.Readings != n || h.Sufficient() != (n >= 5) || !h.Sufficient() && h.Percentiles != (Percentiles{}) {
			t.Errorf("%d readings: %+v", n, h)
		}
		if n == 5 && h.Percentiles != (Percentiles{102, 110, 120, 130, 138}) {
			t.Errorf("five readings: %v", h.Percentiles)
		}
	}
}

func TestHalfHoursBeginSharply(t *testing.T) {
	t.Parallel()
	for i := range 48 {
		begin := time.Date(2026, 3, 1, 0, 30*i, 0, 0, time.UTC)
		for _, at := range []time.Time{begin, begin.Add(30*time.Minute - 1)} {
			if h := ProfileOf([]Sample{{at, 100}}, nil)[i]; h.Readings != 1 {
				t.Errorf("%v is not in the half hour from %s", at, TimeOfDay(i))
			}
		}
		if want := begin.Format("15:04"); TimeOfDay(i) != want {
			t.Errorf("entry %d is %s, want %s", i, TimeOfDay(i), want)
		}
	}
}

func TestProfileWithoutReadings(t *testing.T) {
	t.Parallel()
	if got := ProfileOf(nil, nil); got != (Profile{}) {
		t.Errorf("%v", got)
	}
	if got := ProfileOf(every(Interval, math.NaN(), 0, -1, math.Inf(1), 1000.5), nil); got != (Profile{}) {
		t.Errorf("%v", got)
	}
}

// Each sample's own clock counts: at the same instants two people have another time of day.
func TestProfileOfATraveller(t *testing.T) {
	t.Parallel()
	tokyo, honolulu := time.FixedZone("", 9*3600), time.FixedZone("", -10*3600)
	var samples []Sample
	for i, s := range every(Interval, 100, 101, 102, 103, 104, 105, 200, 201, 202, 203, 204, 205) {
		s.Time = s.Time.In(tokyo) // 21:00
		if i >= 6 {
			s.Time = s.Time.In(honolulu) // 02:30 of the same day
		}
		samples = append(samples, s)
	}
	profile := ProfileOf(samples, nil)
	if profile[42].Readings != 6 || profile[42].Percentiles.Median() != 102.5 || profile[5].Readings != 6 || profile[5].Percentiles.Median() != 202.5 {
		t.Errorf("21:00 is %+v, 02:30 is %+v", profile[42], profile[5])
	}
}

// The clock as package time writes it and quantiles as the book has them.
func TestProfileAgainstNaiveOne(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(23, 24))
	places := []*time.Location{time.UTC, zone(t, "Europe/London"), zone(t, "America/St_Johns"), zone(t, "Australia/Lord_Howe"), time.FixedZone("", -9*3600-1800), time.FixedZone("", 5*3600+45*60)}
	for range 50 {
		samples := make([]Sample, random.IntN(3000))
		halfHours := map[string][]float64{}
		for i := range samples {
			at := time.Unix(random.Int64N(4e9)-1e9, random.Int64N(1e9)).In(places[random.IntN(len(places))])
			samples[i] = Sample{at, math.Round(1000*(39+362*random.Float64())) / 1000}
			clock := fmt.Sprintf("%s:%02d", at.Format("15"), at.Minute()-at.Minute()%30)
			halfHours[clock] = append(halfHours[clock], samples[i].MgDL)
		}
		for i, h := range ProfileOf(samples, nil) {
			there := halfHours[TimeOfDay(i)]
			if h.Readings != len(there) || h.Sufficient() != (len(there) >= 5) {
				t.Fatalf("%s: %d readings, want %d", TimeOfDay(i), h.Readings, len(there))
			}
			if !h.Sufficient() {
				continue
			}
			sort.Float64s(there)
			for j, percent := range Percents() {
				if want := naiveQuantile(there, big.NewRat(int64(percent), 100)); !equal(h.Percentiles[j], want) {
					t.Fatalf("%s: percentile %d of %v is %v, want %v", TimeOfDay(i), percent, there, h.Percentiles[j], want)
				}
			}
		}
	}
}

// Any instant of any clock has its half hour and its day.
func FuzzProfile(f *testing.F) {
	f.Add(int64(0), 0, 100.0)
	f.Add(int64(-1), 0, 39.0)
	f.Add(int64(-62135596800), -12*3600, 401.0)
	f.Add(int64(4102444800), 14*3600, 120.0)
	f.Add(int64(math.MaxInt64), math.MaxInt32, 120.0)
	f.Add(int64(math.MinInt64), math.MinInt32, 120.0)
	f.Fuzz(func(t *testing.T, unix int64, offset int, mgdl float64) {
		sample := Sample{time.Unix(unix, 0).In(time.FixedZone("", offset)), mgdl}
		want := 0
		if mgdl >= 1 && mgdl <= 1000 {
			want = 1
		}
		total := 0
		for i, h := range ProfileOf([]Sample{sample}, nil) {
			total += h.Readings
			reasonable := unix > -1e12 && unix < 1e12 && offset > -86400 && offset < 86400
			if at := 60*sample.Time.Hour() + sample.Time.Minute(); h.Readings == 1 && reasonable && i != at/30 {
				t.Errorf("%v is at %s", sample.Time, TimeOfDay(i))
			}
		}
		if total != want || Days([]Sample{sample}) != want {
			t.Errorf("%g mg/dL: %d readings", mgdl, total)
		}
	})
}

func BenchmarkProfile(b *testing.B) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		b.Fatal(err)
	}
	for _, days := range []int{1, 14, 90} {
		samples := day(rand.New(rand.NewPCG(25, 26)), 288*days)
		for i := range samples {
			samples[i].Time = samples[i].Time.In(london)
		}
		scratch := make([]float64, len(samples))
		b.Run(fmt.Sprint(days, " days"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if profile := ProfileOf(samples, scratch); profile[0].Readings != 6*days {
					b.Fatalf("%+v", profile[0])
				}
			}
		})
	}
}
