package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// gather scrapes, and keeps the answer.
func (r *Readings) gather(name string, window time.Duration) []*dto.MetricFamily {
	families, _, _ := r.For(name, window).Gather() // it never fails
	return families
}

// server stores what it scrapes, as Prometheus with a window does.
type server struct {
	name    string
	window  time.Duration
	stored  map[string]map[int64]float64 // by series
	offered map[string]map[int64][]time.Time
}

func newServer(name string, window time.Duration) *server {
	return &server{name, window, map[string]map[int64]float64{}, map[string]map[int64][]time.Time{}}
}

// scrape takes an answer, and expects what holds of every one.
func (s *server) scrape(t *testing.T, r *Readings) {
	t.Helper()
	now := time.Now()
	for _, family := range r.gather(s.name, s.window) {
		perSeries := map[string][]int64{}
		for _, m := range family.GetMetric() {
			series := seriesOf(family, m)
			at, mgdl := m.GetTimestampMs(), m.GetGauge().GetValue()
			if age := now.Sub(time.UnixMilli(at)); age < 0 || age >= s.window {
				t.Errorf("%s is offered at the age of %v", series, age)
			}
			if s.stored[series] == nil {
				s.stored[series], s.offered[series] = map[int64]float64{}, map[int64][]time.Time{}
			}
			if before, known := s.stored[series][at]; known && before != mgdl {
				t.Errorf("%s at %v was %v and is %v", series, time.UnixMilli(at), before, mgdl)
			}
			s.stored[series][at] = mgdl
			s.offered[series][at] = append(s.offered[series][at], now)
			perSeries[series] = append(perSeries[series], at)
		}
		for series, times := range perSeries {
			if len(times) > mostOffered || !slices.IsSorted(times) || len(slices.Compact(slices.Clone(times))) < len(times) {
				t.Errorf("%s: %d samples, sorted: %v", series, len(times), slices.IsSorted(times))
			}
		}
	}
}

func seriesOf(family *dto.MetricFamily, m *dto.Metric) string {
	name := family.GetName()
	for _, label := range m.GetLabel() {
		name += fmt.Sprintf(" %s=%s", label.GetName(), label.GetValue())
	}
	return name
}

// everyMinute scrapes for a time with each server that is up.
func everyMinute(t *testing.T, r *Readings, length time.Duration, up map[*server]func(time.Time) bool) {
	t.Helper()
	for range int(length / time.Minute) {
		time.Sleep(time.Minute)
		synctest.Wait()
		for s, isUp := range up {
			if isUp(time.Now()) {
				s.scrape(t, r)
			}
		}
	}
}

// audit compares what is stored of a person with what the person measured.
func (s *server) audit(t *testing.T, p *simulator.Person, from, to time.Time) {
	t.Helper()
	stored := s.stored["dexcom_egv_mg_dl account="+p.Name]
	rates := s.stored["dexcom_egv_rate_mg_dl_per_minute account="+p.Name]
	truth, lost, wrong := p.Readings(from, to), 0, 0
	for _, r := range truth {
		mgdl, there := stored[r.SystemTime.UnixMilli()]
		rate, rated := rates[r.SystemTime.UnixMilli()]
		switch {
		case !there || rated != r.HasRate:
			lost++
		case mgdl != float64(r.Value), rated && rate != r.TrendRate:
			wrong++
		}
	}
	if lost > 0 || wrong > 0 || len(truth) < 20 {
		t.Errorf("%s: %d readings of %s: %d lost, %d wrong", s.name, len(truth), p.Name, lost, wrong)
	}
	known := map[int64]bool{}
	for _, r := range p.Readings(from.Add(-2*24*time.Hour), to.Add(24*time.Hour)) {
		known[r.SystemTime.UnixMilli()] = true
	}
	for at := range stored {
		if !known[at] {
			t.Errorf("%s: a reading at %v that %s never had", s.name, time.UnixMilli(at), p.Name)
		}
	}
}

// Every scraper gets every reading, whatever the delays and whoever else scrapes:
// one that is down for 40 minutes, one that loses half of its scrapes, one that
// comes later.
func TestEveryScraperGetsEveryReading(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		since := noon().Add(-5 * 24 * time.Hour)
		people := []*simulator.Person{
			{Name: "five", Seed: 61, Sensor: simulator.G7, HoldBack: time.Hour, Since: since},
			{Name: "hourly", Seed: 62, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since},
			{Name: "offline", Seed: 63, Sensor: simulator.G7, HoldBack: time.Hour, OfflineShare: 0.3, Since: since},
		}
		cloud := simulator.New(people...)
		config := follow(cloud, readingsOnly{cloud}, "five", "hourly", "offline")
		config.MinInterval, config.MaxInterval, config.Reach = 5*time.Minute, 5*time.Minute, 12*time.Hour
		c, stop := run(t, config)
		defer stop()
		r, start := c.NewReadings(), time.Now()
		time.Sleep(10 * time.Second)
		steady, down, lossy, late := newServer("steady", 12*time.Hour), newServer("down", 12*time.Hour), newServer("lossy", 12*time.Hour), newServer("late", 12*time.Hour)
		everyMinute(t, r, 14*time.Hour, map[*server]func(time.Time) bool{
			steady: func(time.Time) bool { return true },
			down:   func(now time.Time) bool { return now.Sub(start)%(3*time.Hour) > 40*time.Minute },
			lossy:  func(now time.Time) bool { return now.Unix()/60%2 == 0 },
			late:   func(now time.Time) bool { return now.Sub(start) > 9*time.Hour },
		})
		for _, p := range people {
			for _, s := range []*server{steady, down, lossy} {
				end := time.Now().Add(-11 * time.Hour) // what a phone brings is up to that old here
				s.audit(t, p, start.Add(-8*time.Hour), end)
			}
			late.audit(t, p, start.Add(-2*time.Hour), start.Add(2*time.Hour))
		}
		if names := len(r.scrapers); names != 4 {
			t.Errorf("%d scrapers remembered", names)
		}
	})
}

// A sample stays as long as it was promised, and no longer: half an hour, or less when
// others wait, but in three scrapes at least.
func TestHowLongASampleIsOffered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r := c.NewReadings()
		var backlog []dexcom.Reading
		for i := range 60 {
			backlog = append(backlog, ago(time.Duration(65+5*(59-i))*time.Minute, float64(100+i)))
		}
		a.absorbNow(backlog...)
		s := newServer("s", 12*time.Hour)
		everyMinute(t, r, 50*time.Minute, map[*server]func(time.Time) bool{s: func(time.Time) bool { return true }})
		offers := s.offered["dexcom_egv_mg_dl account=alice"]
		for i, reading := range backlog {
			times := offers[reading.Time.UnixMilli()]
			if len(times) == 0 {
				t.Fatalf("reading %d of %d was never offered", i, len(backlog))
			}
			length := times[len(times)-1].Sub(times[0])
			switch {
			case i < 36 && (length < 4*time.Minute || length > 6*time.Minute): // 24, and the 12 that give way to the last 12
				t.Errorf("reading %d was offered for %v while others waited", i, length)
			case i >= 36 && (length < 29*time.Minute || length > 30*time.Minute):
				t.Errorf("reading %d was offered for %v", i, length)
			}
		}
		if got := len(r.gather("s", 12*time.Hour)); got != 0 {
			t.Errorf("%d families after all was offered", got)
		}
		for range 40 { // one who comes once an hour
			time.Sleep(time.Hour)
			a.absorbNow(ago(time.Minute, 100))
			newServer("s", 12*time.Hour).scrape(t, r)
		}
	})
}

// Who comes seldom sees a sample three times all the same.
func TestASlowScraperSeesEachSampleThreeTimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r, s := c.NewReadings(), newServer("slow", 12*time.Hour)
		a.absorbNow(ago(time.Minute, 100))
		for range 5 {
			s.scrape(t, r)
			time.Sleep(20 * time.Minute)
		}
		for series, times := range s.offered {
			for at, offers := range times {
				if len(offers) != leastOffers {
					t.Errorf("%s at %v was offered %d times", series, time.UnixMilli(at), len(offers))
				}
			}
		}
	})
}

// A window below the age of what waits takes it away before a server would refuse it.
func TestNothingOlderThanTheWindow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r := c.NewReadings()
		a.absorbNow(ago(50*time.Minute, 100), ago(70*time.Minute, 90), ago(-4*time.Minute, 120))
		if got := r.gather("s", time.Hour)[0].GetMetric(); len(got) != 1 || got[0].GetGauge().GetValue() != 100 {
			t.Errorf("offered %v, want the one that is neither too old nor in the future", got)
		}
		time.Sleep(5 * time.Minute)
		if got := r.gather("s", time.Hour)[0].GetMetric(); len(got) != 2 || got[1].GetGauge().GetValue() != 120 {
			t.Errorf("offered %v, want the one whose time has come too", got)
		}
		time.Sleep(6 * time.Minute)
		if got := r.gather("s", time.Hour)[0].GetMetric(); len(got) != 1 || got[0].GetGauge().GetValue() != 120 {
			t.Errorf("offered %v, want the one that is young enough", got)
		}
	})
}

// Another person's samples are taken back, and an account that is gone offers none.
func TestWhatIsForgottenIsNotOffered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r, k := c.NewReadings(), c.NewCourier()
		a.absorbNow(ago(5*time.Minute, 100))
		if got := r.gather("s", time.Hour); len(got) != 1 {
			t.Fatalf("offered %v", got)
		}
		if got := k.Parcels(10); len(got) != 1 {
			t.Fatalf("parcels %v", got)
		}
		c.Forget("alice")
		if got, parcels := r.gather("s", time.Hour), k.Parcels(10); len(got)+len(parcels) > 0 {
			t.Errorf("offered %v and %v of a person who is forgotten", got, parcels)
		}
		a.absorb(1, dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(time.Minute, 80)}}, time.Now(), newestFetch)
		if got := r.gather("s", time.Hour); len(got) != 1 || len(got[0].GetMetric()) != 1 {
			t.Errorf("offered %v of the next person", got)
		}
		c.Follow(Config{})
		if got, parcels := r.gather("s", time.Hour), k.Parcels(10); len(got)+len(parcels) > 0 || len(r.scrapers["s"].accounts)+len(k.boxes) > 0 {
			t.Errorf("offered %v and %v of nobody", got, parcels)
		}
	})
}

// Of too many scrapers one that has not come lately loses its place. Whoever invents
// names takes nobody's.
func TestSixteenScrapersAreRemembered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r, steady := c.NewReadings(), newServer("steady", 12*time.Hour)
		for i := range 300 {
			if i%5 == 0 {
				a.absorbNow(ago(30*time.Second, 100))
			}
			steady.scrape(t, r)
			for n := range 3 {
				r.gather(fmt.Sprint("passer-by ", 3*i+n), 12*time.Hour)
			}
			time.Sleep(time.Minute)
		}
		if got := len(steady.stored["dexcom_egv_mg_dl account=alice"]); got != 60 || len(r.scrapers) != mostScrapers {
			t.Errorf("%d of 60 readings reached who comes every minute, %d scrapers are remembered", got, len(r.scrapers))
		}
	})
}

// Events leave with their own time, in their unit, those that are allowed to, once.
func TestEventsAreOffered(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		config := follow(cloud, http.RoundTripper(cloud), p.Name)
		config.Reach, config.Accounts[0].Events = 12*time.Hour, []string{"carbs", "insulin", "health"}
		c, stop := run(t, config)
		defer stop()
		r, s, start := c.NewReadings(), newServer("s", 12*time.Hour), time.Now()
		everyMinute(t, r, 20*time.Hour, map[*server]func(time.Time) bool{s: func(time.Time) bool { return true }})
		kinds := map[string]int{}
		for series, samples := range s.stored {
			for at, v := range samples {
				for _, kind := range []string{"carbs", "insulin", "health", "exercise", "notes", "blood_glucose"} {
					if slices.Contains(strings.Fields(series), "type="+kind) {
						kinds[kind]++
						if kind == "health" && v != 1 {
							t.Errorf("%s at %d is %v", series, at, v)
						}
					}
				}
			}
		}
		if kinds["carbs"] < 4 || kinds["insulin"] < 4 || kinds["exercise"]+kinds["notes"]+kinds["blood_glucose"] > 0 {
			t.Errorf("offered by kind: %v", kinds)
		}
		lost := 0
		for _, e := range p.Events(start, time.Now().Add(-8*time.Hour), time.Now()) {
			if e.Status != "created" || !e.HasValue || e.Type != "carbs" && e.Type != "insulin" {
				continue
			}
			found := false
			for series, samples := range s.stored {
				v, there := samples[e.SystemTime.UnixMilli()]
				found = found || there && v == e.Value && slices.Contains(strings.Fields(series), "type="+e.Type)
			}
			if !found {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%d events lost", lost)
		}
	})
}

// Scrapes, pushes, polls and reloads at once: what the race detector is for.
func TestScrapesOfReadingsWhilePolling(t *testing.T) {
	t.Parallel()
	a := bare(new(dexcom.StateFile), true, 12*time.Hour)
	c := &Collector{accounts: []*account{a}}
	r, k := c.NewReadings(), c.NewCourier()
	var working sync.WaitGroup
	for worker := range 3 {
		working.Go(func() {
			for i := range 50 {
				a.bring(fetch(worker), ago(time.Duration(3*i+worker)*time.Minute, 100))
				a.configure(a.settings, Config{History: 14 * 24 * time.Hour, Reach: time.Duration(12+i) * time.Hour})
				a.snapshot(time.Now())
			}
		})
		working.Go(func() {
			for range 50 {
				for _, family := range r.gather("one", 12*time.Hour) {
					_ = family.String()
				}
				for _, parcel := range k.Parcels(100) {
					parcel.Settled(len(parcel.Samples) / 2)
				}
			}
		})
	}
	working.Wait()
	if got := r.gather("two", 12*time.Hour); len(got) == 0 {
		t.Error("nothing is offered")
	}
}

// An answer that was written out makes room for the next one; two at a time do not
// share it.
func TestAnswersAreUsedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.outbox.reach = 12 * time.Hour
		r := c.NewReadings()
		for i := range 30 {
			a.absorbNow(ago(time.Minute, float64(100+i)))
			first, done, _ := r.For("first", time.Hour).Gather()
			whole := fmt.Sprint(first)
			second := fmt.Sprint(r.gather("second", time.Hour))
			if again := fmt.Sprint(first); again != whole {
				t.Fatalf("while it is written out\n%s\nbecomes\n%s", whole, again)
			}
			if fresh := fmt.Sprint(r.gather("fresh", time.Hour)); i == 0 && (fresh != whole || second != whole) {
				t.Fatalf("one has\n%s\nanother one\n%s\n%s", whole, second, fresh)
			}
			done()
			time.Sleep(cadence)
		}
	})
}
