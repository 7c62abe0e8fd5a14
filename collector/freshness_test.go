package collector

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// freshness is how soon a person's readings were seen, and at what price.
type freshness struct {
	added []time.Duration // from when Dexcom gave a reading to when it was asked
	calls map[string]int  // by endpoint
	hours float64
	// oracle are the calls of somebody who knows when readings come.
	oracle int
}

// perHour are the calls to endpoints in an hour; to all without one.
func (f freshness) perHour(endpoints ...string) float64 {
	total := 0
	for endpoint, calls := range f.calls {
		if len(endpoints) == 0 || slices.Contains(endpoints, endpoint) {
			total += calls
		}
	}
	return float64(total) / f.hours
}

func (f freshness) String() string {
	return fmt.Sprintf("%5.2f calls/h for readings, %5.2f for all; added delay median %5.0f s, p95 %5.0f s, most %5.0f s; the oracle: %5.2f calls/h",
		f.perHour("egvs", "devices"), f.perHour(),
		quantile(f.added, .5).Seconds(), quantile(f.added, .95).Seconds(), quantile(f.added, 1).Seconds(), float64(f.oracle)/f.hours)
}

// observer notes when readings were asked for and what else was.
type observer struct {
	next http.RoundTripper

	mu    sync.Mutex // guards what follows
	asked []time.Time
	calls map[string]int
}

func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	o.mu.Lock()
	o.calls[path.Base(request.URL.Path)]++
	if path.Base(request.URL.Path) == "egvs" {
		o.asked = append(o.asked, time.Now())
	}
	o.mu.Unlock()
	return o.next.RoundTrip(request)
}

// after is what was seen of a person since a time by who asked at some times.
func (f freshness) after(p *simulator.Person, since time.Time, asked []time.Time) freshness {
	now := time.Now()
	f.hours = now.Sub(since).Hours()
	given := map[time.Time]bool{}
	for _, r := range p.AvailableReadings(since.AddDate(0, 0, -13), now, asked[len(asked)-1]) {
		if r.Available.After(since) {
			given[r.Available] = true
			i, _ := slices.BinarySearchFunc(asked, r.Available, time.Time.Compare)
			f.added = append(f.added, asked[i].Sub(r.Available))
		}
	}
	f.oracle = len(given)
	return f
}

// everyFive is how it would be for who asks every five minutes, whatever comes.
func everyFive(p *simulator.Person, since time.Time) freshness {
	var asked []time.Time
	for at := since; at.Before(time.Now()); at = at.Add(usual) {
		asked = append(asked, at)
	}
	return freshness{calls: map[string]int{"egvs": len(asked)}}.after(p, since, asked)
}

// foretold follows a person for some days after the first hours.
func foretold(t testing.TB, p *simulator.Person, days int, through func(http.RoundTripper) http.RoundTripper) (found freshness, since time.Time) {
	t.Helper()
	cloud := simulator.New(p)
	o := &observer{next: through(cloud), calls: map[string]int{}}
	config := follow(cloud, o, p.Name)
	config.History = 2 * 24 * time.Hour
	c := config.collector()
	ctx, stop := context.WithCancel(t.Context())
	go c.Run(ctx)
	time.Sleep(4 * time.Hour)
	since = time.Now()
	o.mu.Lock()
	o.calls = map[string]int{}
	o.mu.Unlock()
	time.Sleep(time.Duration(days) * 24 * time.Hour)
	synctest.Wait()
	stop()
	synctest.Wait()
	return freshness{calls: o.calls}.after(p, since, o.asked), since
}

// rhythms are people of all kinds; what they do and when is drawn by their seeds.
func rhythms(seed uint64) map[string]*simulator.Person {
	since := noon().AddDate(0, 0, -30)
	return map[string]*simulator.Person{
		"hourly":            {Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: since, Seed: seed},
		"hourly, elsewhere": {Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since, Seed: seed + 1},
		"hourly, offline":   {Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: since, Seed: seed + 2, OfflineShare: 0.3, AwayShare: 0.1},
		"five":              {Sensor: simulator.G7, HoldBack: time.Hour, Since: since, Seed: seed + 3},
		"five, elsewhere":   {Sensor: simulator.G7, HoldBack: 3 * time.Hour, Since: since, Seed: seed + 4, Quirks: true},
		"five, offline":     {Sensor: simulator.G7, HoldBack: time.Hour, Since: since, Seed: seed + 5, OfflineShare: 0.3},
		"receiver":          {Sensor: simulator.G6, Display: simulator.Receiver, Rhythm: simulator.EveryTenDays, Since: since, Seed: seed + 6},
	}
}

// Who uploads once an hour is asked little and in time; nobody is asked much more than
// every five minutes.
func TestForecastsAreFresh(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	for name, want := range map[string]struct {
		days        int
		calls       float64 // an hour, at most
		median, p95 time.Duration
	}{
		"hourly":            {5, 3, 15 * time.Second, 90 * time.Second},
		"hourly, elsewhere": {5, 3, 15 * time.Second, 3 * time.Minute},
		"hourly, offline":   {7, 4, 30 * time.Second, 5 * time.Minute},
		"five":              {2, 15, 15 * time.Second, 90 * time.Second},
		"five, elsewhere":   {2, 15, 20 * time.Second, 90 * time.Second},
		"five, offline":     {3, 13, 30 * time.Second, 6 * time.Minute},
		"receiver":          {11, 6, 15 * time.Minute, 16 * time.Minute},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := rhythms(100)[name]
			p.Name = "p"
			travel(noon())
			found, since := foretold(t, p, want.days, func(cloud http.RoundTripper) http.RoundTripper { return cloud })
			t.Logf("foretold: %v", found)
			t.Logf("every 5:  %v", everyFive(p, since))
			if found.perHour("egvs", "devices") > want.calls || quantile(found.added, .5) > want.median || quantile(found.added, .95) > want.p95 {
				t.Errorf("wanted %v", want)
			}
		})
	}
}

// Nobody depends on what Dexcom tells of uploads.
func TestForecastsWithoutUploads(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	for name, write := range map[string]string{"none": `"x":"`, "the same for ever": `"lastUploadDate":"2026-01-30T10:00:00Z","x":"`, "of the future": `"lastUploadDate":"2099-01-30T10:00:00Z","x":"`} {
		bubbleOf(t, name, func(t *testing.T) {
			p := rhythms(100)["hourly"]
			p.Name = "p"
			travel(noon())
			found, since := foretold(t, p, 3, func(cloud http.RoundTripper) http.RoundTripper {
				return changed{cloud, "devices", regexp.MustCompile(`"lastUploadDate": ?"`), write}
			})
			t.Logf("foretold: %v", found)
			t.Logf("every 5:  %v", everyFive(p, since))
			if found.perHour("egvs", "devices") > 15 || quantile(found.added, .5) > 5*time.Minute || quantile(found.added, 1) > anyway {
				t.Error("too slow or too often")
			}
		})
	}
}

// changed rewrites the answers of an endpoint.
type changed struct {
	next     http.RoundTripper
	endpoint string
	what     *regexp.Regexp
	into     string
}

func (c changed) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(request)
	if err != nil || path.Base(request.URL.Path) != c.endpoint {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if !c.what.Match(body) {
		return nil, fmt.Errorf("nothing to change in %s", body)
	}
	response.Body = io.NopCloser(bytes.NewReader(c.what.ReplaceAll(body, []byte(c.into))))
	response.ContentLength = -1
	return response, nil
}
