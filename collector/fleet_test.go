package collector

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// fleet is people whose phones upload once an hour, under one app's budget.
type fleet struct {
	people       int
	sharers      int  // of these also have Share
	silent       int  // of these upload nothing any more, since four hours before the outage
	grants       bool // whose tokens live for two hours
	callsPerHour int
	settling     time.Duration // before it is measured
	outage       time.Duration // of Dexcom's API, after that
	recovering   time.Duration // after the outage, before it is measured
	length       time.Duration // of what is measured
	seed         uint64
}

// passage is how it went.
type passage struct {
	readings, all float64 // calls an hour
	refused       int
	unknown       int             // calls with a token that is none
	unread        int             // people whose history was not read
	added         []time.Duration // from when Dexcom gave readings to when they were asked for
	medians       []time.Duration // of these, by person
	gaps          []time.Duration // by person: the longest without an answer
	live          liveDelays
}

func (p passage) String() string {
	of := func(d []time.Duration, q float64) time.Duration { return quantile(d, q).Round(time.Second) }
	return fmt.Sprintf("%.0f | %.0f | %v | %v | %v | %v to %v | %v | %v, %v", p.readings, p.all,
		of(p.added, .5), of(p.added, .95), of(p.added, 1), of(p.medians, 0), of(p.medians, 1), of(p.gaps, 1), of(p.live.added, .5), of(p.live.added, .95))
}

// crew draws the people of the fleet.
func (f fleet) crew() (people []*simulator.Person, names []string) {
	random := rand.New(rand.NewPCG(f.seed, 1))
	for i := range f.people {
		p := &simulator.Person{
			Name: fmt.Sprint("p", i), Seed: random.Uint64(), Sensor: simulator.G6, Rhythm: simulator.Hourly,
			HoldBack: time.Hour, Since: noon().AddDate(0, 0, -1),
		}
		people, names = append(people, p), append(names, p.Name)
	}
	return people, names
}

// silence is what the last of the people's phones upload: nothing any more, since a time.
func (f fleet) silence(cloud *simulator.Cloud, names []string, since time.Time) http.RoundTripper {
	ice := &frozen{next: shallow{cloud}, who: map[string]bool{}, since: since, answers: map[string][]byte{}}
	for _, name := range names[f.people-f.silent:] {
		ice.who["Bearer "+cloud.AccessToken(name)] = true
	}
	return ice
}

// sail follows the fleet with all that the program has, and measures it.
func (f fleet) sail(t *testing.T) passage {
	t.Helper()
	people, names := f.crew()
	cloud := simulator.New(people...)
	book := newLogbook(cloud, f.silence(cloud, names, time.Now().Add(f.settling-4*time.Hour)), names)
	w := socketless(cloud, book)
	w.callsPerHour = map[dexcom.Region]int{dexcom.US: f.callsPerHour}
	config := w.follow(names...)
	for i, name := range names[:f.sharers] {
		config.Accounts[i].Share = w.spreadShare(t, config.calls, name)
	}
	if f.grants {
		w.consent(t, config, book)
	}
	c, stop := run(t, config)
	time.Sleep(f.settling)
	book.cut(f.outage > 0)
	time.Sleep(f.outage)
	book.cut(false)
	time.Sleep(f.recovering)
	since := book.begin()
	time.Sleep(f.length)
	synctest.Wait()
	found := book.passage(people[:f.people-f.silent], since)
	for i, p := range people[:f.sharers] {
		found.live.add(p, c.accounts[i], since, time.Now(), since)
	}
	found.unread = f.people - everybodysHistory(c)
	stop()
	return found
}

// passage compares the book with the truth since a time.
func (l *logbook) passage(people []*simulator.Person, since time.Time) passage {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, hours := passage{refused: l.refused, unknown: l.unknown}, time.Since(since).Hours()
	for i, p := range people {
		person := freshness{calls: l.calls[i]}.after(p, since, l.asked[i])
		found.readings += person.perHour("egvs", "devices") * person.hours / hours
		found.all += person.perHour() * person.hours / hours
		found.added = append(found.added, person.added...)
		if len(person.added) > 0 { // else they wait for a new sensor
			found.medians = append(found.medians, quantile(person.added, .5))
		}
		longest, before := time.Duration(0), since
		for _, at := range append(l.asked[i], time.Now()) {
			if at.After(since) {
				longest = max(longest, at.Sub(latest(before, since)))
			}
			before = at
		}
		found.gaps = append(found.gaps, longest)
	}
	return found
}

// tokens are the calls of a person in an hour for tokens, which live for two hours. The
// tests' tokens need no refresh: the budget is less by these.
const tokens = 0.5

// Fifteen thousand hourly phones are served within one app's limit. Where it is short all
// are served less, nobody starves, and Share is as quick as ever. The short form has fewer
// people and a limit to match.
func TestAFleet(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	people, seed := 100, populationSeedOf(t)
	if populationIsLong() {
		people = 15_000
	}
	perHour := func(calls float64) int { return int(calls * float64(people)) }
	const (
		limit = 4 - tokens // calls of a person in an hour: 60,000 for 15,000
		need  = 2.4        // of which the readings need so much
		hour  = time.Hour
	)
	t.Log("| | calls/h for readings | for all | added delay: median | p95 | most | medians of people | nobody unasked for longer than | Share: median, p95 |")
	for name, want := range map[string]struct {
		fleet
		median, p95, worst, unasked time.Duration // at most
	}{
		"enough":              {fleet{callsPerHour: perHour(limit), settling: 6 * hour, length: 6 * hour}, time.Minute, 5 * time.Minute, 15 * time.Minute, 80 * time.Minute},
		"a third of the need": {fleet{callsPerHour: perHour(need / 3), settling: 12 * hour, length: 8 * hour}, 50 * time.Minute, 80 * time.Minute, 85 * time.Minute, 3 * hour},
		"some silent, and an outage": {fleet{
			callsPerHour: perHour(limit), silent: people * 3 / 10,
			settling: 8 * hour, outage: 4 * hour, recovering: 6 * hour, length: 4 * hour,
		}, time.Minute, 2 * time.Minute, 15 * time.Minute, 80 * time.Minute},
		"after four hours' outage": {fleet{callsPerHour: perHour(limit), settling: 6 * hour, outage: 4 * hour, length: 3 * hour}, time.Minute, 20 * time.Minute, 75 * time.Minute, 80 * time.Minute},
	} {
		bubbleOf(t, name, func(t *testing.T) {
			f := want.fleet
			f.people, f.sharers, f.seed = people, 10, seed
			found := f.sail(t)
			t.Logf("| %s | %v |", name, found)
			if quantile(found.added, .5) > want.median || quantile(found.added, .95) > want.p95 || quantile(found.medians, 1) > want.worst || quantile(found.gaps, 1) > want.unasked {
				t.Errorf("wanted %+v", want)
			}
			if found.all > float64(f.callsPerHour)*1.01+burst || found.refused > 0 || found.unread > 0 {
				t.Errorf("%.0f calls an hour of %d, %d refused; the history of %d was not read", found.all, f.callsPerHour, found.refused, found.unread)
			}
			if quantile(found.live.added, .5) > 20*time.Second || quantile(found.live.added, .95) > 75*time.Second {
				t.Errorf("Share suffers: median %v, p95 %v", quantile(found.live.added, .5), quantile(found.live.added, .95))
			}
		})
	}
}
