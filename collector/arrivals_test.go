package collector

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// stateIn opens the state of alice in a directory, as a start of the program does.
// stop ends it.
func stateIn(t *testing.T, dir string) (file *dexcom.StateFile, stop func()) {
	t.Helper()
	state, err := dexcom.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err = dexcom.OpenStateFile(state, "alice")
	if err != nil {
		t.Logf("the state starts empty: %v", err)
	}
	return file, func() { _ = state.Close() }
}

// started is a collector of one account just after a start, that nobody polls.
func started(file *dexcom.StateFile, bounds glucose.Bounds) (c *Collector, log *bytes.Buffer) {
	config := follow(simulator.New(), http.DefaultTransport, "alice")
	config.Accounts[0].State, config.Accounts[0].Bounds = file, bounds
	log = &bytes.Buffer{}
	c = New(config.calls, slog.New(slog.NewTextHandler(log, nil)))
	c.Follow(config.Config)
	return c, log
}

// brought is what a fetch of the account's present person brings.
func (a *account) brought(fetch fetch, readings ...dexcom.Reading) {
	a.absorb(a.whose(a.poller(sourceAPI)), dexcom.List[dexcom.Reading]{Records: readings}, time.Now(), fetch)
}

// arrived are the account's counters, from the very low to the very high.
func arrived(c *Collector) [5]uint64 { return c.Snapshots()[0].Arrivals }

func TestAllArrivalsExistAtTheFirstScrape(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := started(nil, glucose.StandardBounds())
		const want = `
# HELP dexcom_egvs_total Readings counted by range when they arrive, late ones too.
# TYPE dexcom_egvs_total counter
dexcom_egvs_total{account="alice",range="high"} 0
dexcom_egvs_total{account="alice",range="low"} 0
dexcom_egvs_total{account="alice",range="target"} 0
dexcom_egvs_total{account="alice",range="very_high"} 0
dexcom_egvs_total{account="alice",range="very_low"} 0
`
		if err := testutil.CollectAndCompare(c, strings.NewReader(want), "dexcom_egvs_total"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheFirstFetchesDoNotCount(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := started(nil, glucose.StandardBounds())
		a := c.accounts[0]
		a.brought(newestFetch, ago(20*time.Minute, 100), ago(15*time.Minute, 100))
		a.brought(wholeFetch, ago(20*time.Minute, 100), ago(48*time.Hour, 100))
		if got := arrived(c); got != [5]uint64{} {
			t.Errorf("the first fetches count as %v", got)
		}
		a.brought(newestFetch, ago(15*time.Minute, 100), ago(10*time.Minute, 39), ago(9*time.Minute, 60), ago(8*time.Minute, 180))
		a.brought(newestFetch, ago(22*time.Hour, 181)) // late
		a.brought(wholeFetch, ago(10*24*time.Hour, 401), ago(48*time.Hour, 100))
		if got := arrived(c); got != [5]uint64{1, 1, 1, 1, 1} {
			t.Errorf("counted %v, want one of each", got)
		}
	})
}

// Somebody has no readings yet: the first one is news.
func TestAnEmptyFirstFetchIsAFirstFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := started(nil, glucose.StandardBounds())
		c.accounts[0].brought(newestFetch)
		c.accounts[0].brought(newestFetch, ago(0, 100))
		if got := arrived(c); got != [5]uint64{2: 1} {
			t.Errorf("counted %v, want one in target", got)
		}
	})
}

func TestTheBoundsDecideTheRange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := started(nil, glucose.PregnancyBounds())
		a := c.accounts[0]
		a.brought(newestFetch)
		a.brought(newestFetch, ago(25*time.Minute, 62), ago(20*time.Minute, 63), ago(15*time.Minute, 140), ago(10*time.Minute, 141))
		if got := arrived(c); got != [5]uint64{0, 1, 2, 1, 0} {
			t.Errorf("counted %v, want the ranges of a pregnancy", got)
		}
	})
}

// A restart: what the first run had does not count twice, what came meanwhile does.
func TestArrivalsOverARestart(t *testing.T) {
	for name, test := range map[string]struct {
		broken bool // what is on the disk is no state
		want   [5]uint64
	}{
		"the state is there": {false, [5]uint64{1, 1, 1, 0, 1}},
		"the state is lost":  {true, [5]uint64{}},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			dir := t.TempDir()
			file, stop := stateIn(t, dir)
			c, _ := started(file, glucose.StandardBounds())
			a := c.accounts[0]
			a.brought(newestFetch, ago(3*time.Hour, 100))
			held := ago(90*time.Minute, 50)
			held.Provisional = true
			counted := ago(100*time.Minute, 100)
			a.brought(newestFetch, counted, held)
			if got := arrived(c); got != [5]uint64{2: 1} {
				t.Errorf("the first run counted %v, want one", got)
			}
			stop()
			if test.broken {
				if err := os.WriteFile(filepath.Join(dir, "alice.state.json"), []byte("\x00]"), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			time.Sleep(time.Hour)
			file, stop = stateIn(t, dir)
			defer stop()
			c, _ = started(file, glucose.StandardBounds())
			a = c.accounts[0]
			smoothed, late := held, counted
			smoothed.Provisional, late.ID, late.Time = false, "late", late.Time.Add(-time.Minute)
			low, high := ago(time.Minute, 60), ago(0, 401)
			a.brought(newestFetch, late, counted, smoothed, low, high)
			a.brought(wholeFetch, late, counted, smoothed, low, high, ago(100*time.Hour, 100))
			if got := arrived(c); got != test.want {
				t.Errorf("after the restart %v, want %v", got, test.want)
			}
			a.brought(newestFetch, late, counted, smoothed, low, high)
			if got := arrived(c); got != test.want {
				t.Errorf("a second fetch of the same makes it %v, want %v", got, test.want)
			}
		})
	}
}

// What an unusual clock left in the state neither hides what comes nor counts
// again what was counted.
func TestAStateThatIsAheadOfTheClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		file, stop := stateIn(t, dir)
		defer stop()
		if err := file.Update(func(s *dexcom.AccountState) { s.Delivered = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }); err != nil {
			t.Fatal(err)
		}
		c, _ := started(file, glucose.StandardBounds())
		time.Sleep(time.Hour)
		c.accounts[0].brought(newestFetch, ago(2*time.Hour, 100), ago(30*time.Minute, 50))
		if got := arrived(c); got != [5]uint64{1, 0, 0, 0, 0} {
			t.Errorf("counted %v, want what was measured after the start", got)
		}
		if delivered := file.Get().Delivered; delivered.After(time.Now()) {
			t.Errorf("the state says %v still", delivered)
		}
	})
}

// A device may run ahead by five minutes and be live: what it delivered before a
// restart was delivered, though its time is not past.
func TestAReadingThatIsALittleAheadCountsOnceOverARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		file, stop := stateIn(t, dir)
		c, _ := started(file, glucose.StandardBounds())
		c.accounts[0].brought(newestFetch)
		ahead := ago(-4*time.Minute, 50)
		c.accounts[0].brought(newestFetch, ahead)
		if got := arrived(c); got != [5]uint64{1, 0, 0, 0, 0} {
			t.Errorf("before the restart %v, want one", got)
		}
		stop()
		time.Sleep(30 * time.Second)
		file, stop = stateIn(t, dir)
		defer stop()
		c, _ = started(file, glucose.StandardBounds())
		c.accounts[0].brought(newestFetch, ahead)
		if got := arrived(c); got != [5]uint64{1, 0, 0, 0, 0} {
			t.Errorf("after it %v, want it to stay at one", got)
		}
	})
}

func TestAStateThatCannotBeSaved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state")
		file, stop := stateIn(t, dir)
		defer stop()
		c, log := started(file, glucose.StandardBounds())
		a := c.accounts[0]
		a.brought(newestFetch)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		newest := ago(0, 100)
		a.brought(newestFetch, newest)
		for range 5 {
			a.polled(SourceStatus{Name: sourceAPI, LastPoll: time.Now()}, nil)
		}
		if got := arrived(c); got != [5]uint64{2: 1} {
			t.Errorf("counted %v, want it to go on", got)
		}
		if got := strings.Count(log.String(), "is not saved"); got != 1 {
			t.Errorf("said %d times: %s", got, log)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: time.Now()}, nil)
		if got := strings.Count(log.String(), "is saved again"); got != 1 {
			t.Errorf("said that it is saved again %d times: %s", got, log)
		}
		text, err := os.ReadFile(filepath.Join(dir, "alice.state.json"))
		if err != nil || !strings.Contains(string(text), newest.Time.Format(time.RFC3339)) {
			t.Errorf("saved %q, %v; want the newest delivered time", text, err)
		}
	})
}

func TestTheStateIsWrittenOnlyWhenItChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		file, stop := stateIn(t, dir)
		defer stop()
		c, _ := started(file, glucose.StandardBounds())
		a := c.accounts[0]
		a.brought(newestFetch, ago(0, 100))
		path := filepath.Join(dir, "alice.state.json")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		a.brought(newestFetch)
		a.polled(SourceStatus{Name: sourceAPI, LastPoll: time.Now()}, nil)
		if _, err := os.Stat(path); err == nil {
			t.Error("it was written although nothing changed")
		}
	})
}

// The account goes to another person: counters only rise, and nothing of the one
// before decides what counts of the next.
func TestForgetAndArrivals(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		file, stop := stateIn(t, dir)
		defer stop()
		c, _ := started(file, glucose.StandardBounds())
		a := c.accounts[0]
		a.brought(newestFetch)
		waits := ago(time.Minute, 300)
		waits.Provisional = true
		a.brought(newestFetch, ago(5*time.Minute, 100), waits)
		before := a.whose(a.poller(sourceAPI))
		c.Forget("alice")
		if got := file.Get(); !got.Delivered.IsZero() || len(got.Held) > 0 {
			t.Errorf("the state is %+v, want nothing of the person before", got)
		}
		a.absorb(before, dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(0, 300)}}, time.Now(), newestFetch)
		a.brought(newestFetch, ago(time.Minute, 60), ago(0, 60))
		a.brought(wholeFetch, ago(100*time.Hour, 60))
		if got := arrived(c); got != [5]uint64{2: 1} {
			t.Errorf("counted %v, want what the person before had", got)
		}
		a.brought(newestFetch, ago(-time.Minute, 60))
		if got := arrived(c); got != [5]uint64{0, 1, 1, 0, 0} {
			t.Errorf("counted %v, want the new person's reading too", got)
		}
	})
}

// However much waits, the state file stays small, and keeps the newest.
func TestTheStateHoldsADayAtMost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		file, stop := stateIn(t, t.TempDir())
		defer stop()
		c, _ := started(file, glucose.StandardBounds())
		a := c.accounts[0]
		a.brought(newestFetch)
		var batch []dexcom.Reading
		for i := range 1000 {
			r := ago(time.Duration(i)*5*time.Minute, 100)
			r.Provisional = true
			batch = append(batch, r)
		}
		a.brought(newestFetch, batch...)
		held := file.Get().Held
		if len(held) != 288 || !held[287].Equal(batch[0].Time) || !held[0].Equal(batch[287].Time) {
			t.Errorf("%d held", len(held))
		}
	})
}

// A verdict on two sources says nothing where one is left: its readings are shown.
func TestAMismatchOfBeforeDoesNotSilenceOneSource(t *testing.T) {
	bubble(t, func(t *testing.T) {
		file, stop := stateIn(t, t.TempDir())
		defer stop()
		if err := file.Update(func(s *dexcom.AccountState) { s.Mismatch = true }); err != nil {
			t.Fatal(err)
		}
		c, _ := started(file, glucose.StandardBounds())
		c.accounts[0].brought(newestFetch, ago(5*time.Minute, 100))
		if got := c.Readings("alice", time.Time{}, time.Now()); len(got) != 1 {
			t.Errorf("%d readings of the only source, want one", len(got))
		}
	})
}
