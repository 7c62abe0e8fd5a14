package collector

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// alone is a collector of one account that nobody polls: tests put in what they
// want to see.
func alone(t *testing.T) (*Collector, *account) {
	t.Helper()
	c, err := New(Config{
		Accounts: []Account{{
			Name: "alice", StaleAfter: 15 * time.Minute, Timezone: time.UTC,
			API: &API{Region: dexcom.US, Client: dexcom.Config{
				BaseURL: "http://dexcom.test", Tokens: oauth2.StaticTokenSource(&oauth2.Token{}),
			}},
		}},
		CallsPerHour: map[dexcom.Region]int{dexcom.US: 54000},
		MinInterval:  time.Minute, MaxInterval: 15 * time.Minute, History: 14 * 24 * time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, c.accounts[0]
}

func (a *account) absorbNow(readings ...dexcom.Reading) int {
	return a.absorb(dexcom.List[dexcom.Reading]{Records: readings}, time.Now(), true)
}

// ago is a reading from some time before now.
func ago(d time.Duration, mgdl float64) dexcom.Reading {
	at := time.Now().Add(-d)
	return dexcom.Reading{ID: at.String(), Time: at, MgDL: mgdl}
}

func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		test(t)
	})
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
		for i, mgdl := range []float64{120, 126, 133, 139} {
			reading := ago(time.Duration(17-5*i)*time.Minute, mgdl)
			reading.Trend, reading.TrendRate, reading.HasTrendRate = dexcom.FortyFiveUp, 1.3, true
			reading.Generation, reading.TransmitterAge = dexcom.G7, 50*time.Hour
			a.absorbNow(reading)
		}
		a.absorb(dexcom.List[dexcom.Reading]{Skipped: []dexcom.Skip{{Reason: dexcom.SkipTime, Key: 1}}}, time.Now(), true)
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: noon(), NextPoll: noon().Add(5 * time.Minute)}, nil)
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: noon(), NextPoll: noon().Add(time.Minute)}, &dexcom.Error{Op: "egvs", Reason: dexcom.ReasonServer})
		a.setRanges(dexcom.DataRange{
			Calibrations: dexcom.Span{Start: noon().Add(-72 * time.Hour), End: noon().Add(-48 * time.Hour)},
			EGVs:         dexcom.Span{Start: noon().Add(-1000 * time.Hour), End: noon().Add(-2 * time.Minute)},
		})
		a.setDevices(dexcom.List[dexcom.Device]{Records: []dexcom.Device{
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon().Add(-time.Hour), Schedules: []dexcom.AlertSchedule{{
				Default: true,
				Settings: []dexcom.AlertSetting{
					{Alert: "low", Enabled: true, Value: 75, HasValue: true, Snooze: 20 * time.Minute, Time: noon().Add(-2 * time.Hour)},
					{Alert: "rise", Value: 3, HasValue: true},
					{Alert: "noReadings", Enabled: true, Value: 1200, HasValue: true},
				},
			}}},
			{Generation: dexcom.G6, Display: "receiver", App: "unknown", LastUpload: noon().Add(-900 * time.Hour)},
		}})
		// Requests, and what only polls of a running program make, stand in week_test.go.
		golden, err := os.Open("testdata/golden.prom")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = golden.Close() }()
		if err := testutil.CollectAndCompare(c, golden); err != nil {
			t.Error(err)
		}
		if problems, err := testutil.CollectAndLint(c); err != nil || len(problems) > 0 {
			t.Errorf("lint: %v, %v", problems, err)
		}
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

func TestTheLiveValueGoesStale(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		for i := range 4 {
			r := ago(time.Duration(20-5*i)*time.Minute, 120)
			r.Trend, r.HasTrendRate = dexcom.Flat, true
			a.absorbNow(r)
		}
		live := []string{
			"dexcom_glucose_mg_dl", "dexcom_glucose_rate_mg_dl_per_minute", "dexcom_glucose_slope_mg_dl_per_minute",
			"dexcom_glucose_trend", "dexcom_glucose_out_of_range",
		}
		time.Sleep(10*time.Minute - time.Millisecond)
		for _, name := range live {
			if _, there := value(t, c, name); !there {
				t.Errorf("%s is not there although the reading is not 15 minutes old", name)
			}
		}
		time.Sleep(time.Millisecond)
		for _, name := range live {
			if _, there := value(t, c, name); there {
				t.Errorf("%s is still there 15 minutes after the reading", name)
			}
		}
		time.Sleep(300 * 24 * time.Hour)
		a.absorbNow() // trims the history
		want := float64(noon().Add(-5 * time.Minute).Unix())
		if got, there := value(t, c, "dexcom_glucose_timestamp_seconds"); !there || got != want {
			t.Errorf("timestamp %v, %t; want %v for ever", got, there, want)
		}
	})
}

func TestAReadingFromTheFuture(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.absorbNow(ago(5*time.Minute, 100), ago(-10*time.Minute, 200))
		a.absorbNow(ago(-10*time.Minute, 200)) // every poll reads it again
		if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 100 {
			t.Errorf("live value %v, want the reading that is past", got)
		}
		if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", skipFuture)); got != 1 {
			t.Errorf("counted as future %v times, want once", got)
		}
		if got, _ := value(t, c, "dexcom_device_clock_skew_seconds"); got != 600 {
			t.Errorf("clock skew %v, want 600", got)
		}
		time.Sleep(6 * time.Minute) // now it is 4 minutes ahead
		if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 200 {
			t.Errorf("live value %v, want the reading whose time has come", got)
		}
		// It arrived 6 minutes ago: so old it is, whatever its own time says.
		time.Sleep(9*time.Minute + time.Second)
		if got, there := value(t, c, "dexcom_glucose_mg_dl"); there {
			t.Errorf("live value %v 15 minutes after it arrived", got)
		}
	})
}

func TestAReadingFromFarAheadIsNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		far := ago(-73*365*24*time.Hour, 300)
		for range 3 {
			if added := a.absorbNow(ago(0, 100), far); added > 1 {
				t.Error("a reading of 2099 was kept")
			}
		}
		if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", skipFuture)); got != 1 {
			t.Errorf("counted %v times, want once", got)
		}
		if got, _ := value(t, c, "dexcom_device_clock_skew_seconds"); got != 0 {
			t.Errorf("clock skew %v", got)
		}
	})
}

func TestEveryBadRecordCountsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		list := dexcom.List[dexcom.Reading]{
			Records: []dexcom.Reading{ago(0, 100), {ID: "other", Time: time.Now(), MgDL: 200}},
			Skipped: []dexcom.Skip{{Reason: dexcom.SkipValue, Key: 1}, {Reason: dexcom.SkipValue, Key: 2}},
		}
		for range 5 {
			a.absorb(list, time.Now(), true)
		}
		for reason, want := range map[string]float64{dexcom.SkipValue: 2, skipDuplicate: 1} {
			if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", reason)); got != want {
				t.Errorf("%s: %v, want %v", reason, got, want)
			}
		}
	})
}

func TestOutOfRange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		for _, test := range []struct{ mgdl, want float64 }{{39, -1}, {40, 0}, {400, 0}, {401, 1}} {
			time.Sleep(5 * time.Minute)
			a.absorbNow(ago(0, test.mgdl))
			if got, _ := value(t, c, "dexcom_glucose_out_of_range"); got != test.want {
				t.Errorf("%v: %v, want %v", test.mgdl, got, test.want)
			}
		}
	})
}

func TestSlope(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			minutes []int
			mgdl    []float64
			want    float64
			there   bool
		}{
			"steady rise":        {[]int{20, 15, 10, 5, 0}, []float64{100, 110, 120, 130, 140}, 2, true},
			"older do not count": {[]int{25, 10, 5, 0}, []float64{300, 120, 115, 110}, -1, true},
			"two readings":       {[]int{5, 0}, []float64{100, 110}, 0, false},
			"a gap":              {[]int{19, 15, 3, 0}, []float64{100, 110, 120, 130}, 0, false},
			"LOW among them":     {[]int{10, 5, 0}, []float64{50, 39, 45}, 0, false},
			"HIGH among them":    {[]int{10, 5, 0}, []float64{401, 390, 380}, 0, false},
		} {
			c, a := alone(t)
			for i, minutes := range test.minutes {
				a.absorbNow(ago(time.Duration(minutes)*time.Minute, test.mgdl[i]))
			}
			if got, there := value(t, c, "dexcom_glucose_slope_mg_dl_per_minute"); there != test.there || there && (got < test.want-1e-9 || got > test.want+1e-9) {
				t.Errorf("%s: %v, %t; want %v, %t", name, got, there, test.want, test.there)
			}
		}
	})
}

func TestSensorExpiry(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		generation dexcom.Generation
		age        time.Duration
		want       time.Duration // after noon; 0 is none
	}{
		"G7":                     {dexcom.G7, 4 * day, 6 * day},
		"ONE+":                   {dexcom.OnePlus, 4 * day, 6 * day},
		"15 days":                {dexcom.G7FifteenDay, 4 * day, 11 * day},
		"G6":                     {dexcom.G6, 4 * day, 0},
		"in the grace period":    {dexcom.G7, 10*day + 11*time.Hour, -11 * time.Hour},
		"after the grace period": {dexcom.G7, 10*day + 13*time.Hour, 0},
		"nothing known":          {dexcom.G7, 0, 0},
		"an unknown transmitter": {dexcom.UnknownGeneration, day, 0},
	} {
		s := Snapshot{Now: noon(), Transmitter: test.generation}
		if test.age != 0 {
			s.TransmitterStart = noon().Add(-test.age)
		}
		got, ok := s.SensorExpiry()
		if ok != (test.want != 0) || ok && got.Sub(noon()) != test.want {
			t.Errorf("%s: %v, %t; want %v", name, got.Sub(noon()), ok, test.want)
		}
	}
}

func TestTheTransmitterStartStaysPut(t *testing.T) {
	t.Parallel()
	var known transmitter
	observe := func(minute int, age time.Duration, generation dexcom.Generation) time.Time {
		known.observe(dexcom.Reading{Time: noon().Add(time.Duration(minute) * time.Minute), TransmitterAge: age, Generation: generation})
		return known.start
	}
	start := observe(0, time.Hour, dexcom.G7)
	if want := noon().Add(-time.Hour); !start.Equal(want) {
		t.Errorf("start %v, want %v", start, want)
	}
	if got := observe(5, time.Hour+9*time.Minute, dexcom.G7); !got.Equal(start) {
		t.Errorf("4 minutes of drift moved it to %v", got)
	}
	if got := observe(10, 0, dexcom.G7); !got.Equal(start) {
		t.Errorf("a reading without ticks moved it to %v", got)
	}
	if got := observe(-60, 10*time.Hour, dexcom.G6); !got.Equal(start) {
		t.Errorf("an older reading moved it to %v", got)
	}
	if got := observe(15, 0, dexcom.G6); !got.IsZero() {
		t.Errorf("another transmitter without ticks has the start %v", got)
	}
	if got := observe(20, time.Minute, dexcom.G6); !got.Equal(noon().Add(19 * time.Minute)) {
		t.Errorf("a new transmitter starts at %v", got)
	}
}

func TestAlikeDevicesMerge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		low := func(value float64, set time.Time) []dexcom.AlertSchedule {
			return []dexcom.AlertSchedule{{Default: true, Settings: []dexcom.AlertSetting{{Alert: "low", Value: value, HasValue: true, Time: set}}}}
		}
		a.setDevices(dexcom.List[dexcom.Device]{Records: []dexcom.Device{
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon().Add(-time.Hour), Schedules: low(80, noon())},
			{Generation: dexcom.G7, Display: "iOS", App: "G7", LastUpload: noon(), Schedules: low(70, noon().Add(-time.Hour))},
			{Display: "unknown", App: "unknown"},
			{Display: "unknown", App: "unknown"},
		}})
		if got := testutil.CollectAndCount(c, "dexcom_device_info"); got != 2 {
			t.Errorf("%d kinds of device, want 2", got)
		}
		if got, _ := value(t, c, "dexcom_device_last_upload_timestamp_seconds"); got != float64(noon().Unix()) {
			t.Errorf("last upload %v, want the newest", got)
		}
		if got, _ := value(t, c, "dexcom_alert_setting_mg_dl"); got != 80 {
			t.Errorf("low %v, want the setting that is newer", got)
		}
	})
}

// broken answers the requests of one person with a status, or not at all.
type broken struct {
	next   http.RoundTripper
	token  string
	until  time.Time
	status int // 0 is no answer
	body   string
}

func (b broken) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.Header.Get("Authorization"), b.token) || !time.Now().Before(b.until) {
		return b.next.RoundTrip(request)
	}
	if b.status == 0 {
		return nil, errors.New("no route to host")
	}
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(b.status)
	_, _ = recorder.WriteString(b.body)
	return recorder.Result(), nil
}

func TestOnePersonsFailureIsTheirOwn(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]broken{
		dexcom.ReasonServer:      {status: 502, body: "<html>Bad Gateway"},
		dexcom.ReasonDecode:      {status: 200, body: `{"records":"none"}`},
		dexcom.ReasonRateLimited: {status: 429},
		dexcom.ReasonCredentials: {status: 401, body: `{"fault":{}}`},
		dexcom.ReasonOther:       {status: 404},
		dexcom.ReasonNetwork:     {},
	} {
		synctest.Test(t, func(t *testing.T) {
			travel(noon())
			people := tenPeople()[3:5]
			cloud := simulator.New(people...)
			bad, good := people[0].Name, people[1].Name
			fault.next, fault.token, fault.until = cloud, cloud.AccessToken(bad), noon().Add(24*time.Hour)
			c, stop := run(t, follow(cloud, fault, bad, good))
			time.Sleep(time.Hour)
			synctest.Wait()
			stop()
			snapshots := c.Snapshots()
			if s := snapshots[0]; s.Sources[0].Up() || s.Sources[0].Result != want || s.HasNewest {
				t.Errorf("%s: the bad one is %+v", want, s.Sources[0])
			}
			if s := snapshots[1]; !s.Sources[0].Up() || !s.Live() || len(s.Devices) == 0 {
				t.Errorf("%s: the good one is %+v", want, s.Sources[0])
			}
			failures := testutil.ToFloat64(c.own.polls.WithLabelValues(bad, sourceAPI, want))
			if failures < 4 || failures > 8 {
				t.Errorf("%s: %v polls in an hour, want them backed off", want, failures)
			}
			if got := testutil.ToFloat64(c.own.polls.WithLabelValues(good, sourceAPI, resultOK)); got < 10 {
				t.Errorf("%s: the good one was polled %v times", want, got)
			}
		})
	}
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		person := tenPeople()[3]
		cloud := simulator.New(person)
		c, stop := run(t, follow(cloud, broken{next: cloud, until: noon().Add(3 * time.Hour), status: 503}, person.Name))
		time.Sleep(3*time.Hour + 25*time.Minute)
		synctest.Wait()
		stop()
		if s := c.Snapshots()[0]; !s.Sources[0].Up() || !s.HasNewest {
			t.Errorf("25 minutes after the outage: %+v", s.Sources[0])
		}
	})
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

func TestReadingDelay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.absorb(dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(24*time.Hour, 100)}}, time.Now(), false)
		a.absorbNow(ago(time.Hour, 100))
		a.absorbNow(ago(time.Hour, 100))
		const want = `
# HELP dexcom_exporter_reading_delay_seconds Time from a reading to its arrival here; the first fetch does not count.
# TYPE dexcom_exporter_reading_delay_seconds histogram
`
		text, err := testutil.CollectAndFormat(c, expfmt.TypeTextPlain, "dexcom_exporter_reading_delay_seconds")
		if err != nil || !strings.HasPrefix("\n"+string(text), want) ||
			!strings.Contains(string(text), `_sum{source="api"} 3600`) || !strings.Contains(string(text), `_count{source="api"} 1`) {
			t.Errorf("%s%v; want one delay of an hour", text, err)
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
	config := follow(cloud, nil, people[0].Name, people[1].Name)
	for i := range config.Accounts {
		config.Accounts[i].API.Client.BaseURL = server.URL
	}
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

func TestNewRefusesABadAddress(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Log: slog.New(slog.DiscardHandler), Accounts: []Account{{Name: "alice", API: &API{}}}})
	if err == nil || !strings.Contains(err.Error(), "alice") {
		t.Errorf("%v; want an error that names the account", err)
	}
}

func TestReadingsOfAnUnknownAccount(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil || c.Readings("nobody", time.Time{}, time.Now()) != nil {
		t.Errorf("%v; want no readings", err)
	}
}

func TestSkipsAreBounded(t *testing.T) {
	t.Parallel()
	var s skips
	for key := range uint64(10 * mostSkips) {
		if !s.first(key) || s.first(key) || len(s.seen) > mostSkips {
			t.Fatalf("key %d: %d remembered", key, len(s.seen))
		}
	}
}

// At the start of many accounts the newest readings of all come first.
func TestStartOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		var people []*simulator.Person
		var names []string
		for i := range 100 {
			name := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
			people = append(people, &simulator.Person{Name: name, Seed: uint64(i), HoldBack: time.Hour, Since: noon().Add(-100 * time.Hour)})
			names = append(names, name)
		}
		cloud := simulator.New(people...)
		var asked []string
		var lock sync.Mutex
		config := follow(cloud, spy{cloud, func(request *http.Request) {
			lock.Lock()
			defer lock.Unlock()
			kind := request.URL.Path[strings.LastIndex(request.URL.Path, "/")+1:]
			start, _ := time.Parse("2006-01-02T15:04:05", request.URL.Query().Get("startDate"))
			if kind == "egvs" && time.Since(start) > 48*time.Hour {
				kind = "history"
			}
			asked = append(asked, kind)
		}}, names...)
		config.CallsPerHour[dexcom.US] = 3600
		_, stop := run(t, config)
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		stop()
		if len(asked) < 200 {
			t.Fatalf("only %d requests", len(asked))
		}
		lastFirst := slices.Index(asked, "history")
		for i, kind := range asked[:100] {
			if kind != "egvs" {
				t.Errorf("request %d is %s: want the newest day of all 100 first", i, kind)
			}
		}
		if lastFirst >= 0 && lastFirst < 250 {
			t.Errorf("history was asked for at request %d, before most devices", lastFirst)
		}
		if limit := 20 + int(4*time.Minute/time.Second) + 1; len(asked) > limit {
			t.Errorf("%d requests in 4 minutes, want at most %d", len(asked), limit)
		}
	})
}

type spy struct {
	next http.RoundTripper
	tell func(*http.Request)
}

func (s spy) RoundTrip(request *http.Request) (*http.Response, error) {
	s.tell(request)
	return s.next.RoundTrip(request)
}

func TestLimiterGivesUpOnWhatIsNotUrgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		for range burst {
			if err := l.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if err := l.wait(queued(t.Context(), someday, start.Add(time.Minute))); !errors.Is(err, errBudget) || time.Since(start) > 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := l.wait(t.Context()); err != nil || time.Since(start) < 50*time.Minute {
			t.Errorf("an urgent call: %v after %v, want it to wait its turn", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.wait(ctx); err == nil {
			t.Error("a call outlived its context")
		}
	})
}
