package collector

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// tardy shows the readings of every fourth hour only some hours after Dexcom has
// them, as if a second phone uploaded them late: what is newer is there first.
type tardy struct {
	next  http.RoundTripper
	truth map[string]simulator.Reading // by record id
}

// available is when the reading can be read through the transport.
func (tardy) available(r simulator.Reading) time.Time {
	if r.SystemTime.Unix()/3600%4 == 0 {
		return r.Available.Add(5 * time.Hour)
	}
	return r.Available
}

func (d tardy) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := d.next.RoundTrip(request)
	if err != nil || !strings.HasSuffix(request.URL.Path, "/egvs") {
		return response, err
	}
	var body struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, err
	}
	body.Records = slices.DeleteFunc(body.Records, d.hides)
	text, err := json.Marshal(body)
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, err
}

func (d tardy) hides(record json.RawMessage) bool {
	var r struct{ RecordID string }
	if json.Unmarshal(record, &r) != nil {
		return false
	}
	truth, known := d.truth[r.RecordID]
	return !known || time.Now().Before(d.available(truth))
}

// readingsOnly has readings and devices: a simulated month of all else takes long.
type readingsOnly struct{ next http.RoundTripper }

func (o readingsOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	switch path.Base(request.URL.Path) {
	case "egvs", "devices":
		return o.next.RoundTrip(request)
	}
	return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody}, nil
}

// restarted is what one run of the program asked and counted.
type restarted struct {
	first, last time.Time // requests for readings
	counts      [5]uint64
}

// restarts runs the program again and again for days, each time for some hours
// and with some hours between, on one state directory.
func restarts(t *testing.T, w world, name string, days int) (runs []restarted, left dexcom.AccountState) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(days), 4))
	hours := func(most int) time.Duration { return time.Duration(random.IntN(most*3600)) * time.Second }
	dir, next := t.TempDir(), w.transport
	for end := time.Now().Add(time.Duration(days) * 24 * time.Hour); time.Now().Before(end); {
		var polls []time.Time
		w.transport = spy{readingsOnly{next}, func(request *http.Request) {
			if strings.HasSuffix(request.URL.Path, "/egvs") {
				polls = append(polls, time.Now())
			}
		}}
		state, err := dexcom.OpenState(dir)
		if err != nil {
			t.Fatal(err)
		}
		config := w.follow(name)
		config.MinInterval, config.MaxInterval, config.History = 40*time.Minute, 40*time.Minute, 36*time.Hour
		if config.Accounts[0].State, err = dexcom.OpenStateFile(state, name); err != nil {
			t.Fatal(err)
		}
		c, stop := run(t, config)
		time.Sleep(time.Minute + hours(9))
		if len(runs) == 0 {
			time.Sleep(9 * time.Hour) // until nothing of the first fetch is held any more
		}
		synctest.Wait()
		stop()
		runs = append(runs, restarted{polls[0], polls[len(polls)-1], arrived(c)})
		left = config.Accounts[0].State.Get()
		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(hours(4))
	}
	return runs, left
}

// counted are the truth's readings that the contract counts: what arrived after
// the first fetch of all, except what was first seen after a restart and is older
// than the newest delivered before it.
func counted(truth []simulator.Reading, available func(simulator.Reading) time.Time, runs []restarted) (counts [5]uint64, excepted int) {
	delivered := func(run int) (newest time.Time) {
		for _, r := range truth {
			if !available(r).After(runs[run].last) && r.SystemTime.After(newest) {
				newest = r.SystemTime
			}
		}
		return newest
	}
	for i, run := range runs {
		var before time.Time
		since := run.first
		if i > 0 {
			since, before = runs[i-1].last, delivered(i-1)
		}
		for _, r := range truth {
			at := available(r)
			switch {
			case !at.After(since) || at.After(run.last):
			case !at.After(run.first) && !r.SystemTime.After(before):
				excepted++
			default:
				counts[glucose.StandardBounds().Range(float64(r.Value))]++
			}
		}
	}
	return counts, excepted
}

func TestRestartsCountEveryArrivalOnce(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	since := noon().Add(-10 * 24 * time.Hour)
	for _, person := range []*simulator.Person{
		{Name: "hourly", Seed: 32, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since, Mean: 150, Swing: 100},
		{Name: "offline", Seed: 33, HoldBack: time.Hour, Since: since, OfflineShare: 0.4, Mean: 150, Swing: 100},
	} {
		bubbleOf(t, person.Name, func(t *testing.T) {
			cloud := simulator.New(person)
			late := tardy{cloud, map[string]simulator.Reading{}}
			truth := person.Readings(since, noon().Add(30*24*time.Hour))
			for _, r := range truth {
				late.truth[r.RecordID] = r
			}
			runs, left := restarts(t, socketless(cloud, late), person.Name, 5)
			want, excepted := counted(truth, late.available, runs)
			if excepted == 0 || len(runs) < 8 {
				t.Errorf("%d runs, %d readings older than what was delivered: too few to try the rule", len(runs), excepted)
			}
			if got := together(t, runs); got != want || len(left.Held) > 0 {
				t.Errorf("%d runs counted %v, want %v; %d held for ever", len(runs), got, want, len(left.Held))
			}
		})
	}
}

// together is what all runs counted: the counters go on where they stood.
func together(t *testing.T, runs []restarted) (counts [5]uint64) {
	t.Helper()
	for _, run := range runs {
		for i, n := range run.counts {
			if n < counts[i] {
				t.Errorf("a run ended at %v, the one before at %v", run.counts, counts)
			}
		}
		counts = run.counts
	}
	return counts
}

func total(counts [5]uint64) (n uint64) {
	for _, count := range counts {
		n += count
	}
	return n
}

// In version 2 a reading is counted when its value is final: each that arrived
// after the first fetch of all was counted once, or waits in the state.
func TestRestartsCountEveryArrivalOnceInVersion2(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	since := noon().Add(-10 * 24 * time.Hour)
	for _, person := range []*simulator.Person{
		{Name: "v2-five", Seed: 42, Sensor: simulator.G6, HoldBack: 3 * time.Hour, Since: since, Mean: 150, Swing: 100},
		{Name: "v2-offline", Seed: 43, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: 3 * time.Hour, Since: since, OfflineShare: 0.4},
	} {
		bubbleOf(t, person.Name, func(t *testing.T) {
			cloud := simulator.New(person)
			w := socketless(cloud, cloud)
			w.version = dexcom.V2
			runs, left := restarts(t, w, person.Name, 5)
			truth := person.V2Readings(since, noon().Add(30*24*time.Hour), noon().Add(40*24*time.Hour))
			first, last, want := runs[0].first, runs[len(runs)-1].last, 0
			for _, r := range truth {
				if r.Available.After(first) && !r.Available.After(last) {
					want++
				}
			}
			got := int(total(together(t, runs)))
			if got+len(left.Held) != want || got < 800 {
				t.Errorf("%d runs counted %d, %d wait; want %d in all", len(runs), got, len(left.Held), want)
			}
			for _, held := range left.Held {
				if last.Sub(held) > 13*time.Hour {
					t.Errorf("the reading of %v waits still at %v", held, last)
				}
			}
		})
	}
}
