package collector

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// followed runs a collector of some people and counts who is asked how often.
type followed struct {
	*Collector

	people []*simulator.Person // a, b and c
	setup  setup               // all of them
	stop   func()

	mu   sync.Mutex
	asks map[string]int // by account
}

// startFollowing follows some of a, b and c for ten minutes.
func startFollowing(t *testing.T, names ...string) *followed {
	t.Helper()
	f := &followed{asks: map[string]int{}}
	for i, name := range []string{"a", "b", "c"} {
		f.people = append(f.people, &simulator.Person{Name: name, Seed: uint64(80 + i), HoldBack: time.Hour, Since: noon().Add(-10 * 24 * time.Hour)})
	}
	cloud := simulator.New(f.people...)
	f.setup = follow(cloud, spy{cloud, func(request *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, p := range f.people {
			if strings.HasSuffix(request.Header.Get("Authorization"), cloud.AccessToken(p.Name)) {
				f.asks[p.Name]++
			}
		}
	}}, "a", "b", "c")
	f.setup.History = 3 * 24 * time.Hour
	first := f.setup
	first.Config = f.only(names...)
	f.Collector, f.stop = run(t, first)
	time.Sleep(10*time.Minute + time.Second)
	synctest.Wait()
	return f
}

// only is the configuration with these people in it.
func (f *followed) only(names ...string) Config {
	config := f.setup.Config
	config.Accounts = slices.DeleteFunc(slices.Clone(config.Accounts), func(a Account) bool { return !slices.Contains(names, a.Name) })
	return config
}

// asked is how often each account was asked since the last time.
func (f *followed) asked() map[string]int {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	asks := f.asks
	f.asks = map[string]int{}
	return asks
}

func (f *followed) newest(name string) time.Time {
	a := f.account(name)
	if a == nil {
		return time.Time{}
	}
	return a.newestOf(sourceAPI)
}

// accountsOf are the accounts that a metric has series for.
func accountsOf(t *testing.T, c prometheus.Collector, name string) []string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if family.GetName() == name && label.GetName() == "account" {
					names = append(names, label.GetValue())
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestFollowingTheSameChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a", "b")
		before := []*poller{f.account("a").poller(sourceAPI), f.account("b").poller(sourceAPI)}
		history := f.account("a").history
		f.asked()
		same := f.only("a", "b")
		same.Accounts[1].StaleAfter, same.Accounts[1].Events = time.Hour, []string{"health"} // not what is polled
		slices.Reverse(same.Accounts)
		f.Follow(same)
		if asks := f.asked(); len(asks) > 0 {
			t.Errorf("asked %v at once", asks)
		}
		if after := []*poller{f.account("a").poller(sourceAPI), f.account("b").poller(sourceAPI)}; !slices.Equal(before, after) || f.account("a").history != history {
			t.Error("another poller or history")
		}
		s := f.Snapshots()
		if s[0].Account != "b" || s[0].StaleAfter != time.Hour || !slices.Equal(s[0].EventKinds, []string{"health"}) || !s[0].HasNewest {
			t.Errorf("the new settings do not hold: %+v", s[0])
		}
		f.stop()
	})
}

func TestAnotherPaceStartsThePollsAgainAndKeepsWhatIsKnown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a", "b")
		time.Sleep(2 * time.Hour)
		counts, history, poller := arrived(f.Collector), f.account("a").history, f.account("a").poller(sourceAPI)
		if total(counts) < 20 {
			t.Fatalf("counted %v in two hours", counts)
		}
		polls := series(t, f, "dexcom_exporter_polls_total")
		f.asked()
		slower := f.only("a", "b")
		slower.MinInterval, slower.MaxInterval = time.Hour, time.Hour
		f.Follow(slower)
		if asks := f.asked(); len(asks) > 0 {
			t.Errorf("asked %v, sooner than the new pace has it", asks)
		}
		if f.account("a").history != history || f.account("a").poller(sourceAPI) == poller {
			t.Error("want the same history and another poller")
		}
		if got := arrived(f.Collector); total(got) < total(counts) || total(got) > total(counts)+2 {
			t.Errorf("counted %v, before %v", got, counts)
		}
		if got := series(t, f, "dexcom_exporter_polls_total"); got["ok api"] < polls["ok api"] {
			t.Errorf("polls %v, before %v", got, polls)
		}
		time.Sleep(time.Hour)
		if asks := f.asked(); asks["a"] == 0 || asks["b"] == 0 {
			t.Errorf("asked %v in an hour, want both", asks)
		}
		time.Sleep(3 * time.Hour)
		if asks := f.asked(); asks["a"] > 3*7 {
			t.Errorf("asked %v in three hours: the old pace goes on", asks)
		}
		f.stop()
	})
}

func TestAnotherRegionIsAnotherPerson(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a", "b")
		time.Sleep(2 * time.Hour)
		counts := arrived(f.Collector)
		moved := f.only("a", "b")
		api := *moved.Accounts[0].API
		api.Region, api.Client = dexcom.EU, f.setup.Accounts[2].API.Client // c's
		moved.Accounts[0].API = &api
		before := f.newest("b")
		f.Follow(moved)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := arrived(f.Collector); got != counts {
			t.Errorf("counters %v, want %v: they neither fall nor count a first fetch", got, counts)
		}
		truth := f.people[2].AvailableReadings(noon().Add(-2*24*time.Hour), time.Now(), time.Now())
		if found := differences(f.Readings("a", noon().Add(-2*24*time.Hour), time.Now()), truth); len(found) > 0 {
			t.Errorf("a has not the readings of its new person: %s", found[0])
		}
		if f.newest("a").IsZero() || f.newest("b").Before(before) {
			t.Errorf("a has %v, b %v", f.newest("a"), f.newest("b"))
		}
		f.stop()
	})
}

func TestAnAccountThatIsNotFollowedAnyMoreEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a", "b")
		f.Follow(f.only("b"))
		synctest.Wait()
		f.asked()
		time.Sleep(2 * time.Hour)
		if asks := f.asked(); asks["a"] > 0 || asks["b"] == 0 {
			t.Errorf("asked %v, want b only", asks)
		}
		for _, name := range []string{"dexcom_up", "dexcom_egvs_total", "dexcom_glucose_timestamp_seconds", "dexcom_exporter_polls_total", "dexcom_exporter_account_info"} {
			if got := accountsOf(t, f, name); !slices.Equal(got, []string{"b"}) {
				t.Errorf("%s has series of %v", name, got)
			}
		}
		if got := f.Readings("a", time.Time{}, time.Now()); got != nil {
			t.Errorf("%d readings of a are left", len(got))
		}
		f.Follow(f.only())
		time.Sleep(time.Hour)
		f.asked()
		time.Sleep(time.Hour)
		if asks := f.asked(); len(asks) > 0 || len(f.Snapshots()) > 0 {
			t.Errorf("asked %v of nobody", asks)
		}
		f.stop()
	})
}

func TestAnAccountThatIsAddedStarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a")
		time.Sleep(time.Minute) // past the rest of its chores
		f.asked()
		f.Follow(f.only("a", "b", "c"))
		time.Sleep(time.Second)
		if asks := f.asked(); asks["a"] > 0 || asks["b"] < 7 || asks["c"] < 7 {
			t.Errorf("asked %v, want b and c for everything and a for nothing", asks)
		}
		if !f.Ready() || f.newest("b").IsZero() {
			t.Errorf("ready %t, b's newest reading is of %v", f.Ready(), f.newest("b"))
		}
		if got := accountsOf(t, f, "dexcom_exporter_polls_total"); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("polls of %v", got)
		}
		f.stop()
	})
}

// In the first two minutes an account that was added counts for readiness.
func TestReadyWaitsForWhoWasAdded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.polled(SourceStatus{Name: sourceAPI}, nil)
		before := c.Ready()
		config := follow(simulator.New(), http.DefaultTransport, "alice", "bob")
		c.Follow(config.Config)
		if !before || c.Ready() {
			t.Errorf("ready %t before, %t after", before, c.Ready())
		}
		c.account("bob").polled(SourceStatus{Name: sourceAPI}, nil)
		if !c.Ready() {
			t.Error("not ready after the first poll of the other")
		}
	})
}

// An account that comes back is a new one.
func TestAnAccountThatComesBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a", "b")
		time.Sleep(2 * time.Hour)
		f.Follow(f.only("b"))
		f.Follow(f.only("a", "b"))
		time.Sleep(time.Second)
		synctest.Wait()
		if got := arrived(f.Collector); got != [5]uint64{} || f.newest("a").IsZero() {
			t.Errorf("counted %v, newest %v", got, f.newest("a"))
		}
		if got := series(t, f, "dexcom_exporter_polls_total"); len(got) == 0 {
			t.Error("its polls are not counted")
		}
		f.stop()
	})
}

// The account moves to the other version: what only the one before had, and
// nobody asks for any more, must not stand for ever.
func TestAnotherVersionDropsWhatItDoesNotHave(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for version, metric := range map[dexcom.Version]string{dexcom.V3: "dexcom_statistics_mean_mg_dl", dexcom.V2: "dexcom_alerts"} {
			c, a := alone(t)
			config := follow(simulator.New(), http.DefaultTransport, "alice")
			change := func(version dexcom.Version) {
				api := *config.Accounts[0].API
				api.Version = version
				config.Accounts[0].API = &api
				c.Follow(config.Config)
			}
			change(map[dexcom.Version]dexcom.Version{dexcom.V2: dexcom.V3, dexcom.V3: dexcom.V2}[version])
			everythingElse(a)
			a.absorb(a.whose(a.poller(sourceAPI)), dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(time.Minute, 100)}}, time.Now(), newestFetch)
			before := series(t, c, metric)
			change(version)
			if got := series(t, c, metric); len(got) > 0 || len(before) == 0 {
				t.Errorf("%s after the change to %s: %v, before %v", metric, version, got, before)
			}
		}
	})
}

// Before Run, and before a poller that waits was started, Follow may come again.
func TestFollowTwiceBeforeRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t)
		faster := f.only("a")
		faster.MinInterval = 2 * time.Minute
		f.Follow(f.only("a", "b"))
		f.Follow(faster)
		time.Sleep(time.Second)
		if asks := f.asked(); asks["b"] > 1 || asks["a"] < 7 {
			t.Errorf("asked %v", asks)
		}
		f.asked()
		time.Sleep(5 * time.Hour)
		if asks := f.asked(); asks["b"] > 0 || asks["a"] > 5*(15+5*5) {
			t.Errorf("asked %v in five hours", asks)
		}
		f.stop()
	})
}

// Everything at once: the race detector looks on, and nothing may hang.
func TestFollowWhileEverythingElseGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := startFollowing(t, "a")
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(f)
		onScrape := f.only("a", "c")
		onScrape.OnScrape = true
		configs := []Config{f.only("a"), f.only("a", "b"), f.only("b", "c"), onScrape, f.only()}
		var everything sync.WaitGroup
		again := func(every time.Duration, do func(i int)) {
			everything.Go(func() {
				for i := range 30 {
					do(i)
					time.Sleep(every)
				}
			})
		}
		again(61*time.Second, func(i int) { f.Follow(configs[i%len(configs)]) })
		again(59*time.Second, func(i int) { f.Poll([]string{"a", "b", "c", "nobody"}[i%4]) })
		again(67*time.Second, func(i int) { f.Forget([]string{"a", "b", "c"}[i%3]) })
		again(31*time.Second, func(int) { f.Refresh(t.Context()); _ = f.Ready() })
		again(time.Minute, func(int) {
			if _, err := registry.Gather(); err != nil {
				t.Error(err)
			}
			_ = f.Readings("a", time.Time{}, time.Now())
		})
		everything.Wait()
		f.Follow(f.only("a", "b", "c"))
		time.Sleep(time.Minute)
		for _, s := range f.Snapshots() {
			if !s.HasNewest || !s.Sources[0].Up() {
				t.Errorf("in the end: %+v", s.Sources)
			}
		}
		f.stop() // synctest waits for every goroutine
	})
}
