package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	// replayed is how long one reading is the one of the lag ago.
	replayed = 6 * time.Minute
	// scrapeInterval is that of the servers here, and how exact the replay is.
	scrapeInterval = time.Second
	// replayAccounts show one trace, each a reading later than the one before.
	replayAccounts = 60
	// replayBegins is enough time to start the program and have it scraped.
	replayBegins = 20 * time.Second
	// stagger is between the moments at which two accounts get to another reading.
	stagger = 50 * time.Millisecond
)

// player is an account whose replay gauge gets from one reading to the next, or to a
// gap, during the test.
type player struct {
	account string
	lag     time.Duration
	turn    time.Time           // that moment, a lag ago
	trace   []simulator.Reading // all that the account knows, oldest first
}

// at is what the gauge must show of a moment a lag ago.
func (p player) at(moment time.Time) (value int, found bool) {
	for _, r := range p.trace {
		if !r.SystemTime.After(moment) && moment.Sub(r.SystemTime) < replayed {
			value, found = r.Value, true
		}
	}
	return value, found
}

// playing has an account turn at a moment of its past at a moment from now.
func playing(account string, trace []simulator.Reading, turn, now time.Time) player {
	return player{account: account, lag: now.Sub(turn).Truncate(time.Millisecond), turn: turn, trace: trace}
}

// Shifted by its lag, the replay gauge of a Prometheus without any window draws each
// reading at its own time, to a scrape, and nothing where there was none: five hours of
// one person by sixty accounts, and people of the official API, late as it is.
func TestReplayDrawsTheTrace(t *testing.T) {
	t.Parallel()
	servers := lateServers(t, "")
	trace, people := tracePeople()
	c := newClinic(t, []*patient{
		patientOf(t, simulator.Person{Name: "played", HoldBack: time.Hour, Quirks: true}, 2*time.Hour, false, false, inOrder(0)),
		patientOf(t, simulator.Person{Name: "played-outside", HoldBack: 3 * time.Hour}, 4*time.Hour, false, false, inOrder(0)),
		patientOf(t, simulator.Person{Name: "played-smoothed", Sensor: simulator.G6, HoldBack: time.Hour}, 2*time.Hour, true, false, inOrder(0)),
	}, people...)
	c.poll = "{}"
	first := time.Now().Add(replayBegins)
	players := append(c.playShare(t, people, trace, first), c.playPatients(first)...)
	c.open(t)
	for _, s := range servers {
		s.scrape(t, c.run.job("scrape_interval: 1s"))
	}
	end := first.Add(time.Duration(len(players))*stagger + 4*scrapeInterval)
	eventuallyWithin(t, 2*patience, func() error {
		if time.Now().Before(end) {
			return fmt.Errorf("the last account turns at %v", end)
		}
		return nil
	})
	for _, s := range servers {
		drawn := 0
		for _, p := range players {
			if err := s.auditReplay(p); err != nil {
				t.Errorf("%s: %v", s.name, err)
			} else {
				drawn++
			}
			if s.auditReplay(p.without(p.turn)) == nil && p.turns() {
				t.Errorf("%s: nobody would notice if %s had one reading less", s.name, p.account)
			}
		}
		t.Logf("%-18s replay at the true time: simulated %d, drawn %d", s.name, len(players), drawn)
		nothingRejected(t, s.prometheus)
	}
}

// tracePeople are one person under many names, with the readings that Share has of each
// of them, almost without a gap.
func tracePeople() (trace []simulator.Reading, people []*simulator.Person) {
	now := time.Now()
	p := simulator.Person{Name: "gap", Seed: 4000, Since: now.Add(-30 * 24 * time.Hour), Mean: 150, Swing: 70}
	for ; len(trace) < replayAccounts+20; p.Seed++ {
		trace = nil
		for _, r := range p.ShareReadings(now.Add(-7*time.Hour), now.Add(-10*time.Minute), now) {
			trace = append(trace, simulator.Reading{SystemTime: r.Time.Truncate(time.Second), Value: r.Value})
		}
	}
	p.Seed--
	people = append(people, &p)
	for i := range replayAccounts {
		same := p
		same.Name = fmt.Sprintf("trace%d", i)
		people = append(people, &same)
	}
	return trace, people
}

// playShare adds the accounts of the trace, of which the first lacks two readings, and
// their configuration.
func (c *clinic) playShare(t *testing.T, people []*simulator.Person, trace []simulator.Reading, first time.Time) (players []player) {
	t.Helper()
	add := func(p player, url string) {
		c.cloud.Share(simulator.ShareAccount{Person: p.account, Username: p.account, Password: sharePassword})
		c.accounts += fmt.Sprintf("  - name: %s\n    replay_lag: %dms\n    share: {region: us, username: %s, password: %s, base_url: %q}\n",
			p.account, p.lag.Milliseconds(), p.account, sharePassword, url)
		players = append(players, p)
	}
	last := trace[10]
	holed := slices.Delete(slices.Clone(trace), 11, 13)
	add(playing(people[0].Name, holed, last.SystemTime.Add(replayed), first), listen(t, c.post.share(func(record map[string]any, _ int) bool {
		at, ok := shareTime(record)
		return ok && slices.ContainsFunc(holed, func(r simulator.Reading) bool { return r.SystemTime.Equal(at) })
	})))
	whole := listen(t, c.cloud)
	for i, person := range people[1:] {
		r := trace[len(trace)-1-i]
		add(playing(person.Name, trace, r.SystemTime, first.Add(time.Duration(i)*stagger)), whole)
	}
	return players
}

// playPatients has those of the official API turn at a reading in the middle.
func (c *clinic) playPatients(first time.Time) (players []player) {
	for _, p := range c.patients {
		var trace []simulator.Reading
		for i := range p.measured {
			if at, value, there := p.settled(i, 0); there {
				trace = append(trace, simulator.Reading{SystemTime: at, Value: value})
			}
		}
		next := playing(p.Name, trace, trace[len(trace)/2].SystemTime, first)
		c.accounts = strings.Replace(c.accounts, fmt.Sprintf("name: %s\n    replay_lag: %s\n", p.Name, p.replayLag),
			fmt.Sprintf("name: %s\n    replay_lag: %dms\n", p.Name, next.lag.Milliseconds()), 1)
		players = append(players, next)
	}
	return players
}

// turns tells whether the gauge changes at the turn at all.
func (p player) turns() bool {
	before, _ := p.at(p.turn.Add(-time.Second))
	after, found := p.at(p.turn)
	return found && before != after
}

// without is the player as it would be without the reading of a time.
func (p player) without(at time.Time) player {
	p.trace = slices.DeleteFunc(slices.Clone(p.trace), func(r simulator.Reading) bool { return r.SystemTime.Equal(at) })
	return p
}

// auditReplay compares what a server has of an account's gauge with the trace: scrape
// by scrape, and as docs/late-data.md says to draw it.
func (s *lateServer) auditReplay(p player) error {
	name := fmt.Sprintf("dexcom_glucose_replay_mg_dl{account=%q}", p.account)
	// It is there at every scrape since the account's readings are known.
	scrapes, err := s.samples(fmt.Sprintf("dexcom_glucose_timestamp_seconds{account=%q}[10m]", p.account))
	if err != nil {
		return err
	}
	stored, err := s.samples(name + "[10m]") // afterwards, so that no scrape lacks its sample
	if err != nil {
		return err
	}
	if len(scrapes) == 0 || scrapes[0].at.Add(-p.lag).After(p.turn.Add(-scrapeInterval)) {
		return fmt.Errorf("%s was not scraped before it turned", name)
	}
	for _, scrape := range scrapes {
		if err := p.compare(scrape.at, stored); err != nil {
			return err
		}
	}
	drawn := fmt.Sprintf("%s offset -%dms", name, p.lag.Milliseconds())
	return errors.Join(s.expectDrawn(p, drawn, p.turn.Add(-scrapeInterval)), s.expectDrawn(p, drawn, p.turn.Add(2*scrapeInterval)))
}

// compare compares a scrape with the trace. The program answers up to an interval
// after Prometheus has looked at its clock.
func (p player) compare(at time.Time, stored []sample) error {
	i := slices.IndexFunc(stored, func(s sample) bool { return s.at.Equal(at) })
	for _, moment := range []time.Time{at.Add(-p.lag), at.Add(-p.lag + scrapeInterval)} {
		want, there := p.at(moment)
		if there == (i >= 0) && (!there || stored[i].value == float64(want)) {
			return nil
		}
	}
	got := "nothing"
	if i >= 0 {
		got = fmt.Sprint(stored[i].value)
	}
	want, there := p.at(at.Add(-p.lag))
	return fmt.Errorf("%s at the scrape of %v: got %s, want %d (%v)", p.account, at.Format("15:04:05.000"), got, want, there)
}

// expectDrawn compares what an expression yields at a moment with the trace.
func (s *lateServer) expectDrawn(p player, expression string, at time.Time) error {
	seen, err := s.samples(fmt.Sprintf("%s @ %.3f", expression, float64(at.UnixMilli())/1000))
	want, there := p.at(at)
	if err == nil && (there != (len(seen) == 1) || there && seen[0].value != float64(want)) {
		err = fmt.Errorf("%s at %v is %v, want %v (%v)", expression, at, seen, want, there)
	}
	return err
}
