package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// travel moves the bubble's clock, which starts in the year 2000, to a time with
// Dexcom sensors in it.
func travel(to time.Time) { time.Sleep(time.Until(to)) }

// world is how simulated people are reached.
type world struct {
	cloud        *simulator.Cloud
	transport    http.RoundTripper
	baseURL      string
	callsPerHour map[dexcom.Region]int
	region       func(i int) dexcom.Region // of each account
	version      dexcom.Version
}

// setup is whom a collector follows, and how it calls.
type setup struct {
	Config

	calls *Calls
}

// collector makes the collector of the setup.
func (s setup) collector() *Collector {
	c := New(s.calls, slog.New(slog.DiscardHandler))
	c.Follow(s.Config)
	return c
}

// follow configures a collector for people of this world.
func (w world) follow(names ...string) setup {
	config := setup{calls: NewCalls(), Config: Config{
		MinInterval: time.Minute,
		MaxInterval: 15 * time.Minute,
		History:     14 * 24 * time.Hour,
	}}
	config.calls.Limit(w.callsPerHour)
	for i, name := range names {
		region := w.region(i)
		client, err := dexcom.NewClient(dexcom.Config{
			BaseURL: w.baseURL, Tokens: dexcom.FixedToken(w.cloud.AccessToken(name)),
			Version: w.version, Transport: config.calls.Transport(w.transport), Wait: config.calls.Wait(region),
		})
		if err != nil {
			panic(err) // the addresses of the tests are good
		}
		config.Accounts = append(config.Accounts, Account{
			Name: name, StaleAfter: 5 * time.Hour, Bounds: glucose.StandardBounds(), Events: []string{"carbs", "insulin", "exercise"},
			API: &API{Region: region, Version: w.version, Client: client},
		})
	}
	return config
}

// socketless is a world with plenty of budget.
func socketless(cloud *simulator.Cloud, transport http.RoundTripper) world {
	return world{
		cloud: cloud, transport: transport, baseURL: "http://dexcom.test",
		callsPerHour: map[dexcom.Region]int{dexcom.US: 54000},
		region:       func(int) dexcom.Region { return dexcom.US },
		version:      dexcom.V3,
	}
}

// follow configures a collector for simulated people, without sockets.
func follow(cloud *simulator.Cloud, transport http.RoundTripper, names ...string) setup {
	return socketless(cloud, transport).follow(names...)
}

// run polls in the background of a bubble until stop is called.
func run(t *testing.T, config setup) (c *Collector, stop func()) {
	t.Helper()
	c = config.collector()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	return c, func() { cancel(); <-done }
}

func tenPeople() []*simulator.Person {
	const us, ous = time.Hour, 3 * time.Hour
	since := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	zone := time.FixedZone("", 9*3600+1800)
	return []*simulator.Person{
		{Name: "hourly", Seed: 11, Sensor: simulator.G6, Display: simulator.IOS, Rhythm: simulator.Hourly, HoldBack: us, Since: since},
		{Name: "hourly-odd", Seed: 12, Sensor: simulator.G6, Display: simulator.Android, Rhythm: simulator.Hourly, HoldBack: us, Since: since, Quirks: true, Zone: zone},
		{Name: "hourly-ous", Seed: 13, Sensor: simulator.G6, Display: simulator.IOS, Rhythm: simulator.Hourly, HoldBack: ous, Since: since, Quirks: true},
		{Name: "five", Seed: 14, Sensor: simulator.G7, Display: simulator.IOS, HoldBack: us, Since: since},
		{Name: "five-odd", Seed: 15, Sensor: simulator.OnePlus, Display: simulator.Android, HoldBack: ous, Since: since, Quirks: true},
		{Name: "fifteen-days", Seed: 16, Sensor: simulator.G7FifteenDay, Display: simulator.IOS, HoldBack: us, Since: since, Mean: 190, Swing: 110},
		{Name: "receiver", Seed: 17, Sensor: simulator.G6, Display: simulator.Receiver, Rhythm: simulator.EveryTenDays, Since: since},
		{Name: "receiver-odd", Seed: 18, Sensor: simulator.G7, Display: simulator.Receiver, Rhythm: simulator.EveryTenDays, Since: since, Quirks: true},
		{Name: "offline", Seed: 19, Sensor: simulator.G7, Display: simulator.Android, HoldBack: us, Since: since, OfflineShare: 0.5},
		{Name: "away", Seed: 20, Sensor: simulator.G7, Display: simulator.IOS, Rhythm: simulator.Hourly, HoldBack: us, Since: since, AwayShare: 0.4, OfflineShare: 0.3, Quirks: true},
	}
}

// differences compares a history with the truth: every reading exactly once, at
// its own time, with its value.
func differences(got []Reading, want []simulator.Reading) []string {
	var found []string
	count := map[int64]int{}
	value := map[int64]float64{}
	for _, r := range got {
		count[r.Time.UnixMilli()]++
		value[r.Time.UnixMilli()] = r.MgDL
	}
	for _, w := range want {
		at := w.SystemTime.UnixMilli()
		switch {
		case count[at] != 1:
			found = append(found, fmt.Sprintf("%v is there %d times", w.SystemTime, count[at]))
		case value[at] != float64(w.Value):
			found = append(found, fmt.Sprintf("%v is %v, want %d", w.SystemTime, value[at], w.Value))
		}
		delete(count, at)
	}
	for at, n := range count {
		found = append(found, fmt.Sprintf("%v is there %d times and never was", time.UnixMilli(at).UTC(), n))
	}
	return found
}

// week follows ten people for a week and returns what differs in each history.
func week(t *testing.T, people []*simulator.Person, transport func(*simulator.Cloud) http.RoundTripper) map[string][]string {
	t.Helper()
	travel(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	cloud := simulator.New(people...)
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	config := follow(cloud, readingsOnly{transport(cloud)}, names...)
	// A twelfth of the polls, in a twelfth of the time: each answer holds a day, and
	// the race detector makes decoding it many times as slow.
	config.MinInterval, config.MaxInterval = time.Hour, time.Hour
	c, stop := run(t, config)
	length := 7 * 24 * time.Hour
	if testing.Short() {
		length = 6 * time.Hour
	}
	time.Sleep(length)
	synctest.Wait()
	stop()

	found := map[string][]string{}
	now := time.Now()
	for i, s := range c.Snapshots() {
		// What was released after the last poll cannot be there yet.
		from := now.Add(-13 * 24 * time.Hour)
		want := people[i].AvailableReadings(from, now, s.Sources[0].LastPoll)
		if len(want) == 0 || now.Sub(s.Sources[0].LastPoll) > 61*time.Minute {
			t.Errorf("%s: %d readings to compare, last poll %v ago", s.Account, len(want), now.Sub(s.Sources[0].LastPoll))
		}
		found[s.Account] = differences(c.Readings(s.Account, from, now), want)
	}
	return found
}

func TestAWeekOfTenPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, found := range week(t, tenPeople(), func(cloud *simulator.Cloud) http.RoundTripper { return cloud }) {
			if len(found) > 0 {
				t.Errorf("%s: %d differences, such as %s", name, len(found), found[0])
			}
		}
	})
}

// The test above must be able to fail: here one reading never passes.
func TestAWeekNoticesOneReadingThatIsDropped(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		people := tenPeople()[3:5]
		dropped := people[0].Readings(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC))[0]
		found := week(t, people, func(cloud *simulator.Cloud) http.RoundTripper {
			return without{cloud, dropped.RecordID}
		})
		want := fmt.Sprintf("%v is there 0 times", dropped.SystemTime)
		if got := found[people[0].Name]; len(got) != 1 || got[0] != want {
			t.Errorf("found %v, want %q", got, want)
		}
		if got := found[people[1].Name]; len(got) != 0 {
			t.Errorf("the other person misses %v", got)
		}
	})
}

// without takes one record out of every answer.
type without struct {
	next http.RoundTripper
	id   string
}

func (w without) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil || !strings.HasSuffix(request.URL.Path, "/egvs") {
		return response, err
	}
	var body struct {
		Records []map[string]any `json:"records"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, err
	}
	kept := body.Records[:0]
	for _, record := range body.Records {
		if record["recordId"] != w.id {
			kept = append(kept, record)
		}
	}
	body.Records = kept
	text, err := json.Marshal(body)
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, err
}
