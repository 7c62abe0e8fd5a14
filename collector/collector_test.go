package collector

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// alone is a collector of one account that nobody polls: tests put in what they
// want to see.
func alone(t *testing.T) (*Collector, *account) {
	t.Helper()
	config := follow(simulator.New(), http.DefaultTransport, "alice")
	config.Accounts[0].StaleAfter, config.Accounts[0].Timezone = 15*time.Minute, time.UTC
	c := config.collector()
	c.accounts[0].fetched = [3]bool{true, true, true} // what comes now is news
	return c, c.accounts[0]
}

// simulatesForLong leaves a test out under -short, hence under the race detector: it
// computes for long what shorter ones show it.
func simulatesForLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("simulates for long")
	}
}

func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		test(t)
	})
}

// bubbleOf is a bubble for one of several cases.
func bubbleOf(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { bubble(t, test) })
}

// value gives the one series of a metric, false when there is none.
func value(t *testing.T, c prometheus.Collector, name string) (float64, bool) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue(), true
		}
	}
	return 0, false
}

func TestGolden(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.settings.API.Grant = consented(t)
		a.settings.Share, a.both.answered = new(dexcom.Share), true
		a.settings.ReplayLag, a.settings.Profile = 15*time.Minute, true
		for i, mgdl := range []float64{120, 126, 133, 139} {
			reading := ago(time.Duration(17-5*i)*time.Minute, mgdl)
			reading.Trend, reading.TrendRate, reading.HasTrendRate = dexcom.FortyFiveUp, 1.3, true
			reading.Generation, reading.TransmitterAge = dexcom.G7, 50*time.Hour
			a.absorbNow(reading)
		}
		a.absorb(0, dexcom.List[dexcom.Reading]{Skipped: []dexcom.Skip{{Reason: dexcom.SkipTime, Key: 1}}}, time.Now(), newestFetch)
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: noon(), NextPoll: noon().Add(5 * time.Minute)}, nil)
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: noon(), NextPoll: noon().Add(time.Minute)}, &dexcom.Error{Op: "egvs", Reason: dexcom.ReasonServer})
		a.setRanges(0, dexcom.DataRange{
			Calibrations: dexcom.Span{Start: noon().Add(-72 * time.Hour), End: noon().Add(-48 * time.Hour)},
			EGVs:         dexcom.Span{Start: noon().Add(-1000 * time.Hour), End: noon().Add(-2 * time.Minute)},
		})
		replace(a, 0, "devices", dexcom.List[dexcom.Device]{Records: []dexcom.Device{
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon().Add(-time.Hour), Schedules: []dexcom.AlertSchedule{{
				Default: true,
				Settings: []dexcom.AlertSetting{
					{Alert: "low", Enabled: true, Value: 75, HasValue: true, Snooze: 20 * time.Minute, Time: noon().Add(-2 * time.Hour)},
					{Alert: "rise", Value: 3, HasValue: true},
					{Alert: "noReadings", Enabled: true, Value: 1200, HasValue: true},
				},
			}}},
			{Generation: dexcom.G6, Display: "receiver", App: "unknown", LastUpload: noon().Add(-900 * time.Hour)},
		}}, &a.devices)
		everythingElse(a)
		var fortnight []dexcom.Reading
		for i := range 14*288 - 48 { // up to two hours ago
			reading := ago(13*24*time.Hour+22*time.Hour-time.Duration(i)*5*time.Minute, []float64{53, 100, 150, 200}[i%4])
			reading.Generation, reading.TransmitterAge = dexcom.G7, reading.Time.Sub(noon().Add(-50*time.Hour-2*time.Minute))
			fortnight = append(fortnight, reading)
		}
		a.fetched[wholeFetch] = false
		a.absorb(0, dexcom.List[dexcom.Reading]{Records: fortnight}, time.Now(), wholeFetch)
		// Requests, and what only polls of a running program make, stand in week_test.go.
		golden, err := os.Open("testdata/golden.prom")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = golden.Close() }()
		if err := testutil.CollectAndCompare(c, golden); err != nil {
			t.Error(err)
		}
		if os.Getenv("UPDATE") != "" {
			writeGolden(t, c)
		}
		if problems, err := testutil.CollectAndLint(c); err != nil || len(problems) > 0 {
			t.Errorf("lint: %v, %v", problems, err)
		}
	})
}

// writeGolden writes what there is; look at it before it is believed.
func writeGolden(t *testing.T, c *Collector) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("testdata/golden.prom", text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// everythingElse puts in what the endpoints beside readings, devices and ranges
// answer: version 3 never has the statistics, version 2 never the alarms.
func everythingElse(a *account) {
	before := func(d time.Duration) time.Time { return noon().Add(-d) }
	replace(a, a.whose(a.poller(sourceAPI)), "calibrations", dexcom.List[dexcom.Calibration]{Records: []dexcom.Calibration{
		{Time: before(15 * 24 * time.Hour), MgDL: 90},
		{Time: before(8 * 24 * time.Hour), MgDL: 100},
		{Time: before(2 * 24 * time.Hour), MgDL: 110},
		{Time: before(3 * time.Hour), MgDL: 121},
	}}, &a.calibrations)
	replace(a, a.whose(a.poller(sourceAPI)), "events", dexcom.List[dexcom.Event]{Records: []dexcom.Event{
		{Time: before(25 * time.Hour), Kind: "carbs", Value: 80, HasValue: true},
		{Time: before(12 * time.Hour), Kind: "carbs", Value: 45, HasValue: true},
		{Time: before(11 * time.Hour), Kind: "carbs"},
		{Time: before(10 * time.Hour), Kind: "carbs", Value: 15.5, HasValue: true},
		{Time: before(9 * time.Hour), Kind: "insulin", Subtype: "fastActing", Value: 4.5, HasValue: true},
		{Time: before(8 * time.Hour), Kind: "insulin", Subtype: "unknown", Value: 1, HasValue: true},
		{Time: before(7 * time.Hour), Kind: "exercise", Subtype: "heavy", Value: 30, HasValue: true},
		{Time: before(6 * time.Hour), Kind: "health", Subtype: "stress"},
		{Time: before(5 * time.Hour), Kind: "notes"},
	}}, &a.events)
	replace(a, a.whose(a.poller(sourceAPI)), "alerts", dexcom.List[dexcom.Alarm]{Records: []dexcom.Alarm{
		{Time: before(6 * 24 * time.Hour), Alert: "low"},
		{Time: before(2 * time.Hour), Alert: "low"},
		{Time: before(time.Hour), Alert: "urgentLow"},
	}}, &a.alarms)
	a.setStatistics(a.whose(a.poller(sourceAPI)), &dexcom.Statistics{
		HypoglycemiaRisk: dexcom.ModerateRisk,
		Min:              41, Max: 390, Mean: 152.5, Median: 146, StdDev: 48.25, Q1: 116, Q2: 146, Q3: 182,
		UtilizationPercent: 96.5, MeanDailyCalibrations: 0.25, NDays: 14, NValues: 3888,
		PercentUrgentLow: 0.5, PercentBelowRange: 2.5, PercentWithinRange: 72, PercentAboveRange: 25,
	})
}

func TestEveryRowIsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("testdata/golden.prom")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table() {
		if !bytes.Contains(golden, []byte("\n"+row.name+"{")) {
			t.Errorf("%s has no value in testdata/golden.prom", row.name)
		}
	}
}

func TestReady(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		if c.Ready() {
			t.Error("ready before the first poll")
		}
		a.polled(SourceStatus{Name: sourceAPI}, errors.New("failed"))
		if !c.Ready() {
			t.Error("not ready after a failure")
		}
		never, _ := alone(t)
		time.Sleep(2 * time.Minute)
		if !never.Ready() {
			t.Error("not ready two minutes after the start")
		}
	})
}

// Scrapes, polls and snapshots run at once: the race detector looks on.
func TestScrapesWhilePolling(t *testing.T) {
	t.Parallel()
	people := tenPeople()[3:5]
	cloud := simulator.New(people...)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	sockets := socketless(cloud, http.DefaultTransport)
	sockets.baseURL = server.URL
	config := sockets.follow(people[0].Name, people[1].Name)
	config.MinInterval, config.MaxInterval = time.Millisecond, 2*time.Millisecond
	c, stop := run(t, config)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	var scrapers sync.WaitGroup
	for range 4 {
		scrapers.Go(func() {
			for range 25 {
				if _, err := registry.Gather(); err != nil {
					t.Error(err)
				}
				_ = c.Readings(people[0].Name, time.Now().Add(-time.Hour), time.Now())
				_ = c.Ready()
			}
		})
	}
	scrapers.Wait()
	stop()
}

func TestReadingsOfAnUnknownAccount(t *testing.T) {
	t.Parallel()
	c := New(NewCalls(), slog.New(slog.DiscardHandler))
	if got := c.Readings("nobody", time.Time{}, time.Now()); got != nil {
		t.Errorf("%v; want no readings", got)
	}
	c.Poll("nobody")
	c.Forget("nobody")
}
