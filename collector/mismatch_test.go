package collector

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// strangers runs an account whose Share login shows somebody else's readings, with
// LOW to HIGH where its own person is even.
func strangers(t *testing.T) (c *Collector, cloud *simulator.Cloud, log *bytes.Buffer, stop func()) {
	t.Helper()
	own := &simulator.Person{Name: "own", Seed: 801, HoldBack: time.Hour, Mean: 110, Swing: 15, Since: noon().Add(-5 * 24 * time.Hour)}
	other := &simulator.Person{Name: "other", Seed: 802, Sensor: simulator.G6, Mean: 220, Swing: 40, Since: own.Since}
	cloud, log = simulator.New(own, other), &bytes.Buffer{}
	w := socketless(cloud, cloud)
	config := w.sharing(t, w.follow("own"))
	config.Accounts[0].Events = []string{"carbs", "insulin", "exercise"}
	cloud.Share(simulator.ShareAccount{Person: "own", Username: "own", Password: "own", Data: "other"})
	c = New(config.calls, slog.New(slog.NewTextHandler(log, nil)))
	c.Follow(config.Config)
	ctx, done := t.Context(), make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	time.Sleep(2 * time.Hour)
	synctest.Wait()
	return c, cloud, log, func() { c.Follow(Config{}) }
}

// Another person's login is noticed, and what is live is Share's alone.
func TestAnotherPersonBehindTheLogin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, cloud, log, stop := strangers(t)
		defer stop()
		for range 3 {
			time.Sleep(5 * time.Hour)
			synctest.Wait()
			if got, _ := value(t, c, "dexcom_exporter_source_mismatch"); got != 1 {
				t.Errorf("source mismatch %v, want 1", got)
			}
			theirs := truths(cloud.Person("other"), noon().Add(-48*time.Hour), time.Now())
			for _, r := range c.Readings("own", time.Time{}, time.Now().Add(time.Hour)) {
				if _, known := theirs[r.Time]; !known || r.HasTrendRate || r.Generation != dexcom.UnknownGeneration {
					t.Errorf("the history has %+v of the link's person", r)
					break
				}
			}
			s := c.Snapshots()[0]
			if !s.Live() || s.Transmitter != dexcom.UnknownGeneration || !s.TransmitterStart.IsZero() {
				t.Errorf("live %v, transmitter %q since %v: want Share's, which tells none", s.Live(), s.Transmitter, s.TransmitterStart)
			}
			if len(s.Devices)+len(s.Alerts)+len(s.Calibrations)+len(s.Events)+len(s.Alarms) > 0 || s.CalibrationsKnown || !s.Ranges.EGVs.Start.IsZero() {
				t.Errorf("the link's person shows: %+v", s)
			}
			for _, source := range s.Sources {
				if !source.Up() {
					t.Errorf("%s is %s", source.Name, source.Result)
				}
			}
		}
		if got := strings.Count(log.String(), "two people"); got != 1 {
			t.Errorf("said %d times that there are two people:\n%s", got, log)
		}
	})
}

// A new link is a new person: the question is open again.
func TestForgetEndsAMismatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, cloud, _, stop := strangers(t)
		defer stop()
		cloud.Share(simulator.ShareAccount{Person: "own", Username: "own", Password: "own"}) // mended
		c.Forget("own")
		if got, _ := value(t, c, "dexcom_exporter_source_mismatch"); got != 0 {
			t.Errorf("source mismatch %v once it is forgotten", got)
		}
		c.Poll("own")
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got, _ := value(t, c, "dexcom_exporter_source_mismatch"); got != 0 {
			t.Errorf("source mismatch %v although both are one person", got)
		}
		rated := 0
		for _, r := range c.Readings("own", time.Now().Add(-12*time.Hour), time.Now().Add(-70*time.Minute)) {
			if r.HasTrendRate && r.Generation == dexcom.G7 {
				rated++
			}
		}
		if rated < 100 {
			t.Errorf("only %d readings have what the API alone knows", rated)
		}
	})
}

// A dozen pairs must differ much before two sources are not one person, and most of
// them.
func TestTheBoundsOfAMismatch(t *testing.T) {
	for name, test := range map[string]struct {
		pairs, much int
		by          float64
		want        bool
	}{
		"eleven pairs":    {11, 11, 100, false},
		"twelve pairs":    {12, 12, 100, true},
		"half of them":    {12, 6, 100, false},
		"more than half":  {12, 7, 100, true},
		"20 mg/dL":        {24, 24, 20, false},
		"21 mg/dL":        {24, 24, 21, true},
		"a day and a few": {40, 20, 200, false},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			c, a := bothAlone(t)
			var share, api []dexcom.Reading
			for i := range test.pairs {
				r := fromShareAt(ago(time.Duration(5*i)*time.Minute, 150))
				share = append(share, r)
				r.ID, r.Time = r.Time.String(), r.Time.Add(time.Second)
				if i%2 == 0 && i/2 < test.much || i%2 == 1 && test.pairs/2+i/2 < test.much+test.pairs%2 {
					r.MgDL += test.by
				}
				api = append(api, r)
			}
			a.brought(shareFetch, share...)
			a.brought(newestFetch, api...)
			a.brought(newestFetch, api...) // every poll reads it again
			if got := c.Snapshots()[0].Mismatch; got != test.want {
				t.Errorf("mismatch %v, want %v", got, test.want)
			}
			if got := len(c.Readings("alice", time.Time{}, time.Now().Add(time.Hour))); got != test.pairs {
				t.Errorf("%d readings of %d", got, test.pairs)
			}
		})
	}
}

// Neither noise nor smoothing makes two people of one.
func TestNoMismatchInAMonth(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*simulator.Person){
		"smoothed": func(p *simulator.Person) { p.Quirks, p.Rhythm = true, simulator.Hourly },
		"wild": func(p *simulator.Person) {
			p.Mean, p.Swing, p.OfflineShare, p.ShareSkew = 160, 110, 0.2, 90*time.Second
		},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := somebody(change)
			p.Sensor = simulator.G6
			cloud := simulator.New(p)
			w := socketless(cloud, readingsAndShare{cloud})
			w.version = dexcom.V2
			config := w.sharing(t, w.follow(p.Name))
			config.MinInterval, config.MaxInterval, config.History = 6*time.Hour, 6*time.Hour, 48*time.Hour
			c, stop := run(t, config)
			defer stop()
			days := 30
			if testing.Short() {
				days = 4
			}
			for range days * 4 {
				time.Sleep(6 * time.Hour)
				synctest.Wait()
				if c.Snapshots()[0].Mismatch {
					t.Fatalf("two people at %v: %v", time.Now(), c.accounts[0].both.differ)
				}
			}
			if n := len(c.accounts[0].both.differ); n != mostPairs {
				t.Errorf("%d pairs were compared", n)
			}
		})
	}
}

// bothAlone is an account with both sources that nobody polls.
func bothAlone(t *testing.T) (*Collector, *account) {
	t.Helper()
	w := socketless(simulator.New(), readingsOnly{})
	c := w.sharing(t, w.follow("alice")).collector()
	return c, c.accounts[0]
}

// fromShareAt is a reading as Share tells it: without a name.
func fromShareAt(r dexcom.Reading) dexcom.Reading {
	r.ID, r.Time = "", r.Time.Truncate(time.Second)
	return r
}
