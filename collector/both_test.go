package collector

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// delivered are the samples that left the program within half a day of their time,
// over all its runs.
type delivered struct {
	values  map[time.Time]float64
	changed []time.Time
}

// look notes what the account gives away now.
func (d *delivered) look(a *account, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.history.records {
		r := p.record()
		if a.history.held.has(r.unixMilli) || now.Sub(r.time()) > 12*time.Hour {
			continue
		}
		value := r.reading().MgDL
		if before, known := d.values[r.time()]; known && before != value {
			d.changed = append(d.changed, r.time())
		}
		d.values[r.time()] = value
	}
}

// truth is what each sample may be: the record that a source has at a time.
type truth struct {
	id     string
	values []float64 // of the sources with this time, ever
}

// truths are all records of both sources, by time.
func truths(p *simulator.Person, from, to time.Time) map[time.Time]truth {
	all := map[time.Time]truth{}
	for _, r := range p.Readings(from, to) {
		all[r.SystemTime] = truth{r.RecordID, []float64{float64(r.Value)}}
	}
	for _, r := range p.V2Readings(from, to, to.Add(24*time.Hour)) {
		all[r.SystemTime] = truth{r.RecordID, []float64{float64(r.Value), float64(r.Realtime), float64(r.Smoothed)}}
	}
	for _, r := range p.ShareReadings(from, to, to) {
		at := r.Time.Truncate(time.Second) // as the client reads it
		all[at] = truth{r.RecordID, append(all[at].values, float64(r.Value))}
	}
	return all
}

// audit compares what left the program with the truth: each measurement once, with a
// value that a source had for it, and all that Share had before the last poll.
func (d *delivered) audit(t *testing.T, p *simulator.Person, from, to time.Time) {
	t.Helper()
	all, samples, wrong := truths(p, from.Add(-time.Hour), to.Add(time.Hour)), map[string][]string{}, 0
	for at, value := range d.values {
		what, known := all[at]
		switch {
		case at.Before(from):
		case !known:
			wrong++
		case !slices.Contains(what.values, value):
			wrong++
		default:
			samples[what.id] = append(samples[what.id], fmt.Sprintf("%v = %v", at, value))
		}
	}
	doubles, example := 0, []string(nil)
	for _, list := range samples {
		if len(list) > 1 {
			doubles, example = doubles+1, list
		}
	}
	lost := 0
	for _, r := range p.ShareReadings(from, to, to) {
		if samples[r.RecordID] == nil {
			lost++
		}
	}
	if wrong > 0 || doubles > 0 || lost > 0 || len(d.changed) > 0 || len(samples) < 100 {
		t.Errorf("%d measurements: %d have two samples, such as %v; %d lost; %d never were; %d values changed", len(samples), doubles, example, lost, wrong, len(d.changed))
	}
}

// cut is a network in which one source or the other cannot be reached at times.
type cut struct {
	next http.RoundTripper
	down func(source string, now time.Time) bool
}

func (c cut) RoundTrip(request *http.Request) (*http.Response, error) {
	source := sourceAPI
	if strings.Contains(request.URL.Path, "ShareWebServices") {
		source = sourceShare
	}
	if c.down(source, time.Now()) {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Header: http.Header{}}, nil
	}
	return c.next.RoundTrip(request)
}

// livingTogether runs the program on both sources of a person, once and again on one
// state directory. Each of the runs tells how long it lasts, and how long nothing
// runs after it.
func livingTogether(t *testing.T, w world, name string, runs [][2]time.Duration) (found delivered, counts [5]uint64) {
	t.Helper()
	dir := t.TempDir()
	found.values = map[time.Time]float64{}
	for _, length := range runs {
		state, err := dexcom.OpenState(dir)
		if err != nil {
			t.Fatal(err)
		}
		config := w.follow(name)
		config.MinInterval, config.MaxInterval, config.History = 15*time.Minute, 15*time.Minute, 36*time.Hour
		if config.Accounts[0].State, err = dexcom.OpenStateFile(state, name); err != nil {
			t.Fatal(err)
		}
		c, stop := run(t, w.sharing(t, config))
		for end := time.Now().Add(length[0]); time.Now().Before(end); {
			time.Sleep(min(17*time.Minute, time.Until(end)))
			synctest.Wait()
			found.look(c.accounts[0], time.Now())
		}
		stop()
		counts = arrived(c)
		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(length[1])
	}
	return found, counts
}

func oneRun(d time.Duration) [][2]time.Duration { return [][2]time.Duration{{d, 0}} }

// somebody wears a sensor and can be reached both ways.
func somebody(change func(*simulator.Person)) *simulator.Person {
	p := &simulator.Person{Name: "p", Seed: 700, HoldBack: time.Hour, Since: noon().Add(-5 * 24 * time.Hour)}
	change(p)
	return p
}

// Whatever comes first, each measurement leaves the program once and stays what it
// was.
func TestBothSourcesBringOneSampleAReading(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	hours := func(from, to int) func(time.Time) bool {
		return func(now time.Time) bool {
			since := now.Sub(noon())
			return since >= time.Duration(from)*time.Hour && since < time.Duration(to)*time.Hour
		}
	}
	never := hours(0, 0)
	for name, test := range map[string]struct {
		person    func(*simulator.Person)
		version   dexcom.Version
		shareDown func(time.Time) bool
		apiDown   func(time.Time) bool
	}{
		"quirks, LOW and HIGH":    {func(p *simulator.Person) { p.Quirks, p.Mean, p.Swing = true, 150, 100 }, dexcom.V3, never, never},
		"clocks apart, other way": {func(p *simulator.Person) { p.ShareSkew = -100 * time.Second }, dexcom.V3, hours(18, 22), never},
		"offline and away":        {func(p *simulator.Person) { p.OfflineShare, p.AwayShare = 0.3, 0.2 }, dexcom.V3, never, never},
		"share down for a day":    {func(p *simulator.Person) { p.Quirks = true }, dexcom.V3, hours(4, 29), never},
		"share down at the start": {func(*simulator.Person) {}, dexcom.V3, hours(0, 5), never},
		"api down for a day":      {func(*simulator.Person) {}, dexcom.V3, never, hours(3, 28)},
		"both down, one by one":   {func(*simulator.Person) {}, dexcom.V3, hours(10, 14), hours(13, 18)},
		"version 2, LOW and HIGH": {func(p *simulator.Person) { p.Sensor, p.Mean, p.Swing = simulator.G6, 150, 100 }, dexcom.V2, hours(11, 13), hours(16, 20)},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := somebody(test.person)
			cloud := simulator.New(p)
			w := socketless(cloud, cut{readingsAndShare{cloud}, func(source string, now time.Time) bool {
				return source == sourceShare && test.shareDown(now) || source == sourceAPI && test.apiDown(now)
			}})
			w.version = test.version
			found, _ := livingTogether(t, w, p.Name, oneRun(32*time.Hour))
			found.audit(t, p, noon().Add(-11*time.Hour), time.Now().Add(-45*time.Minute))
		})
	}
}

// readingsAndShare is readingsOnly beside Share.
type readingsAndShare struct{ next http.RoundTripper }

func (r readingsAndShare) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.Contains(request.URL.Path, "ShareWebServices") {
		return r.next.RoundTrip(request)
	}
	return readingsOnly(r).RoundTrip(request)
}

// randomRuns last up to nine hours, with up to four between them.
func randomRuns(seed uint64, d time.Duration) (runs [][2]time.Duration) {
	random := rand.New(rand.NewPCG(seed, 5))
	for left := d; left > 0; {
		run := [2]time.Duration{time.Duration(1+random.IntN(9*3600)) * time.Second, time.Duration(random.IntN(4*3600)) * time.Second}
		runs, left = append(runs, run), left-run[0]-run[1]
	}
	return append(runs, [2]time.Duration{time.Hour, 0})
}

// Restarts at any moment leave one sample a reading, and count each arrival once.
func TestRestartsWithBothSources(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	for name, person := range map[string]func(*simulator.Person){
		"plain":                func(*simulator.Person) {},
		"quirks":               func(p *simulator.Person) { p.Quirks = true },
		"offline and away":     func(p *simulator.Person) { p.OfflineShare, p.AwayShare = 0.2, 0.1 },
		"version 2, with a G6": func(p *simulator.Person) { p.Sensor, p.Rhythm = simulator.G6, simulator.Hourly },
	} {
		bubbleOf(t, name, func(t *testing.T) {
			p := somebody(person)
			cloud := simulator.New(p)
			w := socketless(cloud, readingsAndShare{cloud})
			if p.Sensor == simulator.G6 {
				w.version = dexcom.V2
			}
			start := time.Now()
			found, counts := livingTogether(t, w, p.Name, randomRuns(8, 48*time.Hour))
			found.audit(t, p, start.Add(-11*time.Hour), time.Now().Add(-45*time.Minute))
			auditCounts(t, p, counts, start, time.Now().Add(-45*time.Minute))
		})
	}
}

// What Share does not know comes from the API, whichever was first, and the time and
// the value stay those that were there first.
func TestTheAPIFillsInWhatShareLacks(t *testing.T) {
	for name, shareFirst := range map[string]bool{"share first": true, "api first": false} {
		bubbleOf(t, name, func(t *testing.T) {
			c, a := bothAlone(t)
			a.brought(shareFetch) // it answers, with nothing
			old := ago(time.Minute, 100)
			share := dexcom.Reading{Time: old.Time, MgDL: 100, Trend: dexcom.Flat}
			api := dexcom.Reading{
				ID: "1", Time: old.Time.Add(-2 * time.Second), MgDL: 103, Trend: dexcom.FortyFiveUp,
				TrendRate: 1.5, HasTrendRate: true, Generation: dexcom.G7, TransmitterAge: time.Hour,
			}
			want := Reading{Time: share.Time.UTC(), MgDL: 100, Trend: dexcom.Flat}
			if shareFirst {
				a.brought(shareFetch, share)
				a.brought(newestFetch, api)
			} else {
				a.brought(newestFetch, api)
				a.brought(shareFetch, share)
				want.Time, want.MgDL, want.Trend = api.Time.UTC(), 103, dexcom.FortyFiveUp
			}
			a.brought(shareFetch, share)
			a.brought(wholeFetch, api)
			want.TrendRate, want.HasTrendRate, want.Generation = 1.5, true, dexcom.G7
			got := c.Readings("alice", time.Time{}, time.Now())
			for i := range got {
				got[i].Arrived = time.Time{}
			}
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if start := c.Snapshots()[0].TransmitterStart; !start.Equal(api.Time.Add(-time.Hour)) {
				t.Errorf("the transmitter started at %v", start)
			}
		})
	}
}

// After a start the API's readings of the hours that Share covers wait for it, but
// not for ever.
func TestTheAPIWaitsForShare(t *testing.T) {
	for name, test := range map[string]struct {
		then func(a *account)
		want int
	}{
		"share answers": {func(a *account) {
			time.Sleep(time.Minute)
			a.brought(shareFetch, fromShareAt(ago(2*time.Hour+time.Minute, 100)), fromShareAt(ago(time.Minute, 130)))
		}, 3},
		"share fails": {func(a *account) {
			for range 11 {
				time.Sleep(time.Minute)
				a.polled(SourceStatus{Name: sourceShare, LastPoll: time.Now()}, io.EOF)
			}
		}, 2},
		"share fails a little": {func(a *account) {
			time.Sleep(9 * time.Minute)
			a.polled(SourceStatus{Name: sourceShare, LastPoll: time.Now()}, io.EOF)
		}, 0},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			c, a := bothAlone(t)
			a.brought(newestFetch, ago(2*time.Hour, 100), ago(26*time.Hour, 120))
			if got := len(c.Readings("alice", time.Time{}, time.Now())); got != 0 {
				t.Errorf("%d readings at once, want none: that of the day before would be the newest", got)
			}
			test.then(a)
			if got := len(c.Readings("alice", time.Time{}, time.Now())); got != test.want {
				t.Errorf("%d readings, want %d", got, test.want)
			}
		})
	}
}
