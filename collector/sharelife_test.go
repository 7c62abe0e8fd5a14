package collector

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// upOf is dexcom_up by source.
func upOf(t *testing.T, c *Collector) map[string]bool {
	t.Helper()
	up := map[string]bool{}
	for _, s := range c.Snapshots()[0].Sources {
		up[s.Name] = s.Up()
	}
	return up
}

// Each source fails alone: the other goes on, and each failure is counted under its
// own name.
func TestASourceFailsAlone(t *testing.T) {
	for dead, alive := range map[string]string{sourceShare: sourceAPI, sourceAPI: sourceShare} {
		bubbleOf(t, dead, func(t *testing.T) {
			p := somebody(func(*simulator.Person) {})
			cloud, broken := simulator.New(p), false
			w := socketless(cloud, cut{readingsAndShare{cloud}, func(source string, _ time.Time) bool { return broken && source == dead }})
			c, stop := run(t, w.sharing(t, w.follow(p.Name)))
			defer stop()
			for _, broken = range []bool{false, true, false} {
				before := c.account(p.Name).newestOf(alive)
				time.Sleep(2*time.Hour + time.Minute)
				synctest.Wait()
				if up := upOf(t, c); len(up) != 2 || up[dead] == broken || !up[alive] {
					t.Errorf("%s broken %v: up %v", dead, broken, up)
				}
				if gained := c.account(p.Name).newestOf(alive).Sub(before); gained < 110*time.Minute {
					t.Errorf("%s broken %v: %s gained only %v", dead, broken, alive, gained)
				}
				failed := c.polled(p.Name, dead, dexcom.ReasonServer)
				if others := c.polled(p.Name, alive, dexcom.ReasonServer); others > 0 || broken && failed < 5 {
					t.Errorf("%s failed %v times, %s %v", dead, failed, alive, others)
				}
			}
			if got := series(t, c, "dexcom_up"); len(got) != 2 {
				t.Errorf("dexcom_up is %v", got)
			}
		})
	}
}

// While logins are stopped the log says when the next one is, as Share's own status does.
func TestTheLogNamesTheNextLogin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, cloud)
		s := w.sharing(t, w.follow(p.Name)).onlyShare()
		share := w.shareClient(t, s.calls, p.Name, "wrong", s.Accounts[0].State)
		s.Accounts[0].Share = share
		var log bytes.Buffer
		c := New(s.calls, slog.New(slog.NewTextHandler(&log, nil)))
		c.Follow(s.Config)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go c.Run(ctx)
		synctest.Wait()
		said := regexp.MustCompile(`reason=credentials.*`).FindString(log.String())
		next := regexp.MustCompile(`next=(\S+)`).FindStringSubmatch(log.String())
		want := share.Status().NextLogin
		if said == "" || next == nil || want.IsZero() || next[1] != want.Round(time.Second).Format("2006-01-02T15:04:05.000Z07:00") {
			t.Errorf("the next login is at %v: %s", want, &log)
		}
	})
}

// The delay of each source is its own: minutes of Share, an hour of the API.
func TestTheReadingDelayOfEachSource(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, cloud)
		c, stop := run(t, w.sharing(t, w.follow(p.Name)).onlyShare())
		defer stop()
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		registered := c.polled(p.Name, sourceShare, resultOK)
		if got := testutil.CollectAndCount(c, "dexcom_exporter_reading_delay_seconds"); got != 1 || registered < 100 {
			t.Errorf("%d delays, %v polls", got, registered)
		}
		s := c.Snapshots()[0]
		if age := s.Newest.Age(s.Now); !s.Live() || age > 6*time.Minute {
			t.Errorf("the live value is %v old", age)
		}
	})
}

// A dead Share makes nobody wait: it had its turn.
func TestReadyWithADeadShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, cut{cloud, func(source string, _ time.Time) bool { return source == sourceShare }})
		c, stop := run(t, w.sharing(t, w.follow(p.Name)))
		defer stop()
		if c.Ready() {
			t.Error("ready before anything was asked")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !c.Ready() {
			t.Errorf("not ready although each source had its turn: %+v", c.Snapshots()[0].Sources)
		}
	})
}

// Nobody shares, or nobody follows: nothing is wrong, and the value grows old.
func TestSharingIsSwitchedOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, cloud)
		c, stop := run(t, w.sharing(t, w.follow(p.Name)).onlyShare())
		defer stop()
		for _, on := range []bool{true, false, true} {
			cloud.SetSharing(p.Name, on)
			time.Sleep(time.Hour)
			synctest.Wait()
			_, live := value(t, c, "dexcom_glucose_mg_dl")
			if !upOf(t, c)[sourceShare] || live != on {
				t.Errorf("sharing %v: up %v, live value %v", on, upOf(t, c), live)
			}
		}
		if got := len(c.Readings(p.Name, noon(), time.Now().Add(-10*time.Minute))); got < 30 {
			t.Errorf("%d readings of three hours: the hour without sharing is missing", got)
		}
	})
}

// A refused or locked account gets no login while its back-off runs, however often
// the program starts.
func TestNoLoginDuringTheBackOff(t *testing.T) {
	for name, test := range map[string]struct {
		password string
		lock     bool
		second   time.Duration // after the first login
		least    time.Duration // without a third
	}{
		"wrong password": {"wrong", false, 30 * time.Minute, 23 * time.Hour},
		"locked":         {"p", true, 30 * time.Minute, 29 * time.Minute},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := somebody(func(*simulator.Person) {})
			cloud, dir := simulator.New(p), t.TempDir()
			w := socketless(cloud, cloud)
			cloud.SetShare(simulator.ShareSettings{MaxFailures: 1, LockLife: 20 * time.Minute})
			cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: p.Name})
			if test.lock {
				stranger := w.shareClient(t, NewCalls(), p.Name, "a stranger's guess", nil)
				if _, err := stranger.Readings(t.Context(), time.Hour); err == nil {
					t.Fatal("a wrong password is good")
				}
			}
			others := cloud.ShareCounts(p.Name).FailedLogins
			tries := func() int {
				n := cloud.ShareCounts(p.Name)
				return n.FailedLogins + n.LockedLogins + n.Logins - others
			}
			for start := time.Now(); time.Since(start) < test.least; {
				state, err := dexcom.OpenState(dir)
				if err != nil {
					t.Fatal(err)
				}
				config := w.follow(p.Name).onlyShare()
				if config.Accounts[0].State, err = dexcom.OpenStateFile(state, p.Name); err != nil {
					t.Fatal(err)
				}
				config.Accounts[0].Share = w.shareClient(t, config.calls, p.Name, test.password, config.Accounts[0].State)
				c, stop := run(t, config)
				time.Sleep(min(test.least/7, time.Hour))
				c.Poll(p.Name)
				time.Sleep(time.Second)
				synctest.Wait()
				want := 1
				if time.Since(start) > test.second {
					want = 2
				}
				if got := tries(); got != want {
					t.Errorf("%d tries after %v", got, time.Since(start))
				}
				if up := upOf(t, c); up[sourceShare] || c.Snapshots()[0].Sources[0].Result != dexcom.ReasonCredentials {
					t.Errorf("up %v, %+v", up, c.Snapshots()[0].Sources)
				}
				stop()
				if err := state.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Polls on scrape ask Share too, at most once in the least interval.
func TestShareOnScrape(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, cloud)
		config := w.sharing(t, w.follow(p.Name)).onlyShare()
		config.OnScrape = true
		c, stop := run(t, config)
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		if reads := cloud.ShareCounts(p.Name).Reads; reads != 0 {
			t.Errorf("%d reads before a scrape", reads)
		}
		for range 40 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			c.Refresh(ctx)
			cancel()
			if _, live := value(t, c, "dexcom_glucose_mg_dl"); !live {
				t.Error("no live value after a scrape")
			}
			time.Sleep(15 * time.Second)
		}
		if reads := cloud.ShareCounts(p.Name).Reads; reads < 10 || reads > 11 {
			t.Errorf("%d reads in ten minutes, want one a minute", reads)
		}
	})
}

// A reload gives an account Share, and takes it away again: what is known of its
// person stays, each measurement once.
func TestAReloadAddsAndRemovesShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, readingsAndShare{cloud})
		with := w.sharing(t, w.follow(p.Name))
		without := with.Config
		without.Accounts = []Account{with.Accounts[0]}
		without.Accounts[0].Share = nil
		first := with
		first.Config = without
		c, stop := run(t, first)
		defer stop()
		for i, config := range []Config{without, with.Config, without, with.Config} {
			c.Follow(config)
			time.Sleep(6 * time.Hour)
			synctest.Wait()
			want := 1 + i%2
			up, polls := upOf(t, c), c.account(p.Name).poller(sourceShare) != nil
			if len(up) != want || polls != (want == 2) {
				t.Errorf("up %v, polls Share %v, want %d sources", up, polls, want)
			}
			samples, all := map[string]int{}, truths(p, time.Now().Add(-48*time.Hour), time.Now())
			double := 0
			for _, r := range c.Readings(p.Name, time.Now().Add(-36*time.Hour), time.Now()) {
				id := all[r.Time].id
				samples[id]++
				if samples[id] > 1 {
					double++
				}
			}
			if double > 0 || samples[""] > 0 || len(samples) < 350 {
				t.Errorf("step %d: %d measurements, %d of them double, %d never were", i, len(samples), double, samples[""])
			}
		}
	})
}

// Forget is for the person, not for the source: Share is asked again in full.
func TestForgetWithShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := somebody(func(*simulator.Person) {})
		cloud := simulator.New(p)
		w := socketless(cloud, http.RoundTripper(cloud))
		c, stop := run(t, w.sharing(t, w.follow(p.Name)).onlyShare())
		defer stop()
		time.Sleep(time.Hour)
		c.Forget(p.Name)
		if got := c.Readings(p.Name, time.Time{}, time.Now()); len(got) > 0 {
			t.Errorf("%d readings after Forget", len(got))
		}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if got := len(c.Readings(p.Name, time.Time{}, time.Now())); got < 250 {
			t.Errorf("%d readings after a poll, want all that Share has", got)
		}
		if logins := cloud.ShareCounts(p.Name).Logins; logins != 1 {
			t.Errorf("%d logins", logins)
		}
	})
}
