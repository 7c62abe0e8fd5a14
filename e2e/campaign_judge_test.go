package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// campaignEntry is a line of the journal of a life, see collector/campaign_journal_test.go.
type campaignEntry struct {
	At      time.Time
	Kind    string
	Account string
	Detail  string
	Unix    int64 // milliseconds
	Value   float64
	Kept    bool
	Counts  map[string]int
	Memory  *simulator.Memory
}

// campaignJudge reads the journals of all lives and compares them with the truth.
type campaignJudge struct {
	people   []campaigner
	samples  map[string]map[int64]*judgedSample // by account and Unix milliseconds
	forgot   map[string][]time.Time             // when a consent whose owner Dexcom did not name began an account anew
	grants   map[string]*judgedGrant
	memory   simulator.Memory
	trail    trail
	ends     []lifeEnd
	now      time.Time // by the clock of the lives
	disk     string
	turned   time.Time // when the disk became so: what came in the same moment may have met it as it was
	outage   bool
	faults   map[string]int // by place and kind
	weather  map[string]int
	recovery []time.Duration
	links    int

	refreshes int // answers with tokens that Dexcom gave
	unreached int // grants whose answer did not reach us
	cut       int // grants killed between their arrival and their way to the disk
	unsaved   int // grants of lives that ended while the disk took nothing
	denied    int // consents that Dexcom refused at once, in an hour in which every call fails
	lost      []string
	changed   []string
	unkept    []string // left although the disk took all and did not know of them
	foul      []string // what must never be in a journal
}

// lifeEnd is how a life ended.
type lifeEnd struct {
	at, turned time.Time
	disk       string
	killed     bool
}

func (e lifeEnd) String() string {
	return fmt.Sprintf("killed %t at %s, disk %q since %s", e.killed, clock(e.at), e.disk, clock(e.turned))
}

func newCampaignJudge(people []campaigner) *campaignJudge {
	j := &campaignJudge{
		people: people, samples: map[string]map[int64]*judgedSample{}, forgot: map[string][]time.Time{}, grants: map[string]*judgedGrant{},
		now: campaignStart(), faults: map[string]int{}, weather: map[string]int{},
	}
	for _, p := range people {
		j.samples[p.Person.Name], j.grants[p.Person.Name] = map[int64]*judgedSample{}, &judgedGrant{}
	}
	return j
}

// read takes one line.
func (j *campaignJudge) read(e campaignEntry) {
	j.now = e.At
	j.trail.follow(e)
	switch e.Kind {
	case "sample":
		j.sample(e)
	case "kept":
		j.samples[e.Account][e.Unix].keep()
	case "forgotten":
		j.forgot[e.Account] = append(j.forgot[e.Account], e.At)
	case "memory":
		j.remember(*e.Memory, e.At)
	case "reached", "used", "saved", "refused", "dead", "linked", "unlinked", "no grant":
		j.grant(e)
	case "disk":
		j.turnDisk(e)
	case "weather":
		j.weather[e.Detail]++
		j.outage = strings.HasPrefix(e.Detail, "outage true")
	case "faults":
		for kind, n := range e.Counts {
			j.faults[kind] += n
		}
	case "recovered":
		j.recovery = append(j.recovery, time.Duration(e.Value*float64(time.Second)))
	case "elsewhere":
		j.foul = append(j.foul, "a request went to "+e.Detail)
	}
}

// turnDisk notes that the disk will take nothing from now on, or all again. What came
// in the same moment may be on its way there.
func (j *campaignJudge) turnDisk(e campaignEntry) {
	j.disk, j.turned = e.Detail, e.At
	if j.disk == "" {
		return
	}
	j.weather["disk "+e.Detail]++
	for _, g := range j.grants {
		g.badDisk = g.badDisk || !g.at.Before(e.At)
	}
}

// takes tells whether the disk has taken all for so long that whatever could not be
// saved before is on it.
func (j *campaignJudge) takes() bool {
	const again = 5 * time.Minute // the program tries once a minute; the journal tells it every five
	return j.disk == "" && j.now.Sub(j.turned) > again
}

// end notes that a life ended with whatever it had in memory only.
func (j *campaignJudge) end(killed bool) {
	j.trail.add("", fmt.Sprintf("%s killed %t", clock(j.now), killed))
	for _, g := range j.grants {
		g.end(killed, j.takes())
	}
	for name := range j.samples {
		j.close(name)
	}
	j.ends = append(j.ends, lifeEnd{j.now, j.turned, j.disk, killed})
	j.disk, j.outage = "", false // a new life begins in good weather
}
