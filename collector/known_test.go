package collector

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// How old the newest reading is stays known when Dexcom is dead after a restart; the
// value does not come back.
func TestTheNewestTimeOutlastsARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		var dead atomic.Bool
		w := socketless(cloud, cut{readingsAndShare{cloud}, func(string, time.Time) bool { return dead.Load() }})
		state := new(dexcom.StateFile)
		start := func() (*Collector, func()) {
			config := w.follow(p.Name)
			config.Accounts[0].State = state
			return run(t, w.sharing(t, config))
		}
		c, stop := start()
		time.Sleep(time.Hour)
		synctest.Wait()
		newest := c.Snapshots()[0].Newest.Time
		stop()

		dead.Store(true)
		c, stop = start()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, _ := value(t, c, "dexcom_glucose_timestamp_seconds"); !secondsOf(newest, got) {
			t.Errorf("timestamp %v with Dexcom dead, want %v", got, newest)
		}
		if got, shown := value(t, c, "dexcom_glucose_mg_dl"); shown {
			t.Errorf("value %v from before the start", got)
		}
		dead.Store(false)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if s := c.Snapshots()[0]; !s.LastKnown.Equal(s.Newest.Time) || !s.LastKnown.After(newest) {
			t.Errorf("last known %v, newest %v, once Dexcom is back", s.LastKnown, s.Newest.Time)
		}
		c.Forget(p.Name)
		if got, shown := value(t, c, "dexcom_glucose_timestamp_seconds"); shown {
			t.Errorf("timestamp %v of a person who is forgotten", got)
		}
		stop()
		if got := state.Get(); !got.Newest.IsZero() || len(got.Given) > 0 {
			t.Errorf("the state file still knows %v and %d times", got.Newest, len(got.Given))
		}
	})
}

func secondsOf(want time.Time, got float64) bool {
	return time.UnixMilli(int64(got*1000 + 0.5)).Equal(want.Truncate(time.Millisecond))
}

// Whoever wrote another user name while the program was stopped finds nothing of the
// person before.
func TestAnotherShareAccountAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		before := somebody(func(p *simulator.Person) { p.Name = "before" })
		after := somebody(func(p *simulator.Person) { p.Name, p.Seed = "after", 701 })
		cloud := simulator.New(before, after)
		w := socketless(cloud, http.RoundTripper(cloud))
		state := new(dexcom.StateFile)
		for i, p := range []*simulator.Person{before, after, after} {
			config := w.follow(p.Name)
			config.Accounts[0].State = state
			config = w.sharing(t, config).onlyShare()
			config.Accounts[0].Name = "account"
			c, stop := run(t, config)
			counted := total(arrived(c))
			time.Sleep(time.Minute)
			synctest.Wait()
			if flood := total(arrived(c)) - counted; flood > 2 {
				t.Errorf("start %d: %d arrivals at once", i, flood)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			theirs := truths(p, noon().Add(-48*time.Hour), time.Now())
			readings := c.Readings("account", time.Time{}, time.Now())
			for _, r := range readings {
				if _, known := theirs[r.Time]; !known {
					t.Errorf("start %d: a reading at %v is not of %s", i, r.Time, p.Name)
					break
				}
			}
			if len(readings) < 290 {
				t.Errorf("start %d: %d readings", i, len(readings))
			}
			stop()
		}
	})
}

// FuzzKnown starts with any state of the disk: it can be kept again, counts on where it
// stood, and breaks no scrape.
func FuzzKnown(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"delivered":"1970-01-01T00:00:00Z","newest":"2099-01-01T00:00:00Z","arrived":{"low":7,"<html>":1},"missed":18446744073709551615}`,
		`{"held":["0000-01-01T00:00:00+23:59","9999-12-31T23:59:59-23:59",null,"2026-03-01T11:00:00Z"],"delivered":"2026-03-01T11:00:00Z"}`,
		`{"given":[9223372036854775807,-9223372036854775808,0,0],"given_by_api":[1,-1]}`, `{"newest":"9999-12-31T23:59:59-23:59","given":[1772362800000]}`,
		`{"mismatch":true,"share_account":"\u0000","newest":"0000-01-01T00:00:00+23:59"}`,
	} {
		f.Add(text)
	}
	dir, err := dexcom.OpenState(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = dir.Close() })
	file := filepath.Join(dir.Dir(), "alice.state.json")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		state, err := dexcom.OpenStateFile(dir, "alice")
		before := state.Get()
		if err != nil {
			return
		}
		c := New(NewCalls(), slog.New(slog.DiscardHandler))
		c.Follow(Config{Accounts: []Account{{Name: "alice", Bounds: glucose.StandardBounds(), State: state}}, MaxInterval: time.Minute, History: time.Hour})
		a := c.accounts[0]
		a.absorb(a.person, dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{{Time: time.Now().Add(-time.Minute), MgDL: 100}}}, time.Now(), newestFetch)
		a.keep()
		if !a.keeping {
			t.Fatalf("%s cannot be kept", text)
		}
		for _, r := range glucose.Ranges() {
			if after := c.Snapshots()[0].Arrivals[r]; after-before.Arrived[r.String()] > 1 {
				t.Errorf("%s: %d %s readings", text, after, r)
			}
		}
		value(t, c, "dexcom_glucose_timestamp_seconds")
	})
}
