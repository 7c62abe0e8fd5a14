package collector

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	// populationForm is the environment variable that asks for the long forms of what
	// is measured with many people; `make population` sets it.
	populationForm = "COLLECTOR_POPULATION"
	// populationSeed is the environment variable that repeats the people of a run.
	populationSeed = "COLLECTOR_POPULATION_SEED"
)

func populationIsLong() bool { return os.Getenv(populationForm) == "long" }

// populationSeedOf tells which people this run has.
func populationSeedOf(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv(populationSeed), 10, 64)
	if err != nil {
		seed = 1
		if populationIsLong() {
			seed = rand.Uint64()
		}
	}
	t.Logf("%s=%d repeats it", populationSeed, seed)
	return seed
}

// kind is a way in which people's readings come to Dexcom.
type kind struct {
	name       string
	people     int // in the long form
	api, share bool
	elsewhere  bool // not in the US
	draw       func(*rand.Rand, *simulator.Person)
	calls      float64       // for readings, of a person in an hour, at most
	median     time.Duration // added delay, at most
}

// kinds are all there are, mixed as nobody counted them.
func kinds() []kind {
	hourly := func(_ *rand.Rand, p *simulator.Person) { p.Sensor, p.Rhythm = simulator.G6, simulator.Hourly }
	five := func(random *rand.Rand, p *simulator.Person) {
		p.Sensor = []simulator.Sensor{simulator.G7, simulator.OnePlus, simulator.G7FifteenDay}[random.IntN(3)]
	}
	offline := func(of func(*rand.Rand, *simulator.Person)) func(*rand.Rand, *simulator.Person) {
		return func(random *rand.Rand, p *simulator.Person) {
			of(random, p)
			p.OfflineShare, p.AwayShare = 0.1+0.3*random.Float64(), 0.1*random.Float64()
		}
	}
	receiver := func(_ *rand.Rand, p *simulator.Person) {
		p.Sensor, p.Display, p.Rhythm, p.HoldBack = simulator.G6, simulator.Receiver, simulator.EveryTenDays, 0
	}
	return []kind{
		{"hourly phones", 4, true, false, false, hourly, 3, time.Minute},
		{"hourly phones, not US", 3, true, false, true, hourly, 3, time.Minute},
		{"hourly phones, often offline", 3, true, false, false, offline(hourly), 4, time.Minute},
		{"five-minute phones", 2, true, false, false, five, 15, time.Minute},
		{"five-minute phones, often offline", 2, true, false, false, offline(five), 15, 5 * time.Minute}, // much comes at the ends of outages
		{"receivers", 2, true, false, false, receiver, 6, 15 * time.Minute},
		{"Share alone", 2, false, true, false, five, 15, time.Minute},
		{"Share alone, often offline", 2, false, true, false, offline(five), 15, 5 * time.Minute},
		{"Share beside hourly uploads", 2, true, true, false, hourly, 18, time.Minute},
	}
}

// resident is one person of a population.
type resident struct {
	kind   kind
	person *simulator.Person
}

// population draws people of all kinds: how long Dexcom holds their readings back, when
// they upload and when they are offline is theirs, and nobody tells the program.
func population(seed uint64) (all []resident) {
	random := rand.New(rand.NewPCG(seed, 2))
	for _, k := range kinds() {
		if !populationIsLong() {
			k.people = 1
		}
		for range k.people {
			hold := time.Hour
			if k.elsewhere {
				hold = 3 * time.Hour
			}
			p := &simulator.Person{
				Name: fmt.Sprint("p", len(all)), Seed: random.Uint64(), Since: noon().AddDate(0, 0, -14),
				HoldBack: hold + time.Duration(random.Int64N(int64(10*time.Minute))),
				Quirks:   random.IntN(4) == 0,
			}
			k.draw(random, p)
			all = append(all, resident{k, p})
		}
	}
	return all
}

// lot is what became of the people of a kind.
type lot struct {
	people     int
	hours      float64 // of all of them
	calls      int     // for readings
	allCalls   int
	releases   int // as often as somebody who knows when would ask
	delays     []time.Duration
	everyFive  []time.Duration // the same for who asks every five minutes
	fixedCalls int
}

// String is a row of the table.
func (l lot) String() string {
	q := func(delays []time.Duration, q float64) time.Duration { return quantile(delays, q).Round(time.Second) }
	return fmt.Sprintf("%d | %.2f | %.2f | %v | %v | %v | %.0f | %v | %v | %.2f", l.people, float64(l.calls)/l.hours, float64(l.allCalls)/l.hours,
		q(l.delays, .5), q(l.delays, .95), q(l.delays, 1), float64(l.fixedCalls)/l.hours, q(l.everyFive, .5), q(l.everyFive, .95), float64(l.releases)/l.hours)
}

// addAPI judges one person by what the program asked of the API. Of who has Share too
// only the calls count.
func (l *lot) addAPI(r resident, book *logbook, i int, since time.Time) {
	found, fixed := freshness{calls: book.calls[i]}.after(r.person, since, book.asked[i]), everyFive(r.person, since)
	l.calls += found.calls["egvs"] + found.calls["devices"]
	for _, calls := range found.calls {
		l.allCalls += calls
	}
	l.fixedCalls += fixed.calls["egvs"]
	if !r.kind.share {
		l.releases += found.oracle
		l.delays, l.everyFive = append(l.delays, found.added...), append(l.everyFive, fixed.added...)
	}
}

// addShare judges one person by what the program asked of Share.
func (l *lot) addShare(counts simulator.ShareCounts, live liveDelays, since time.Time) {
	l.calls += counts.Reads
	l.allCalls += counts.Reads + counts.Logins + counts.Authentications
	l.fixedCalls += int(time.Since(since) / usual)
	l.releases += len(live.added)
	l.delays, l.everyFive = append(l.delays, live.added...), append(l.everyFive, live.everyFive...)
}

// A mixed population is followed by one program: whoever uploads once an hour is asked at
// most three times an hour, and everybody's readings are there within a minute as a rule.
// In the long form it is a month.
func TestAPopulation(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		all, days := population(populationSeedOf(t)), 2
		if populationIsLong() {
			days = 30
		}
		lots := followPopulation(t, all, days)
		t.Log("| people | calls/h for readings | for all | added delay: median | p95 | most | every 5 min: calls/h | median | p95 | oracle: calls/h |")
		for _, k := range kinds() {
			l := lots[k.name]
			t.Logf("| %s | %v |", k.name, l)
			if calls := float64(l.calls) / l.hours; calls > k.calls || quantile(l.delays, .5) > k.median {
				t.Errorf("%s: %.2f calls an hour and a median of %v, want at most %v and %v", k.name, calls, quantile(l.delays, .5), k.calls, k.median)
			}
		}
	})
}

// followPopulation follows all people in one program for some days.
func followPopulation(t *testing.T, all []resident, days int) map[string]*lot {
	t.Helper()
	var people []*simulator.Person
	var names []string
	for _, r := range all {
		people, names = append(people, r.person), append(names, r.person.Name)
	}
	cloud := simulator.New(people...)
	book := newLogbook(cloud, cloud, names)
	c, stop := run(t, connect(t, all, socketless(cloud, book), names))
	since, live := time.Now(), make([]liveDelays, len(all))
	const late = 48 * time.Hour // no phone is offline for longer
	for day := range days {
		time.Sleep(24 * time.Hour)
		from, to := time.Now().Add(-late-24*time.Hour), time.Now().Add(-late)
		if day == days-1 {
			to = time.Now()
		}
		for i, r := range all {
			live[i].add(r.person, c.accounts[i], latest(from, since), to, since)
		}
	}
	stop()
	lots := map[string]*lot{}
	for i, r := range all {
		l := lots[r.kind.name]
		if l == nil {
			l = &lot{}
			lots[r.kind.name] = l
		}
		l.people++
		l.hours += time.Since(since).Hours()
		if r.kind.api {
			l.addAPI(r, book, i, since)
		}
		if r.kind.share {
			l.addShare(cloud.ShareCounts(r.person.Name), live[i], since)
		}
	}
	return lots
}

// connect gives each person the sources of their kind.
func connect(t *testing.T, all []resident, w world, names []string) setup {
	t.Helper()
	w.callsPerHour = map[dexcom.Region]int{dexcom.US: 54000, dexcom.EU: 54000}
	w.region = func(i int) dexcom.Region {
		if all[i].kind.elsewhere {
			return dexcom.EU
		}
		return dexcom.US
	}
	config := w.follow(names...)
	for i, r := range all {
		if r.kind.share {
			config.Accounts[i].Share = w.spreadShare(t, config.calls, r.person.Name)
		}
		if !r.kind.api {
			config.Accounts[i].API = nil
		}
	}
	return config
}
