package e2e

import (
	"fmt"
	"slices"
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
	Counts  map[string]int
	Memory  *simulator.Memory
}

// grantStage is how far the newest tokens of an account have come.
type grantStage int

const (
	stageNone    grantStage = iota
	stageSpent              // Dexcom made them
	stageReached            // their answer arrived whole
	stageUsed               // the program works with them, hence has written them
	stageDead               // they are lost, and that was judged
)

// judgedGrant is what is known of one account's newest tokens.
type judgedGrant struct {
	refresh string
	access  map[string]time.Time // the access tokens that live
	before  map[string]time.Time // those that lived when the newest came
	session string               // that of the consent
	consent bool                 // these are its first tokens, which say who consented before they are written
	stage   grantStage
	at      time.Time
	ended   bool // a life has, since then
	killed  bool // by a kill
	badDisk bool // the disk took nothing when they came, and they are not known to be saved since
}

// campaignJudge reads the journals of all lives and compares them with the truth.
type campaignJudge struct {
	people   []campaigner
	samples  map[string]map[int64]float64   // by account and time
	first    map[string]map[int64]time.Time // when each left first
	forgot   map[string][]time.Time         // when a consent whose owner Dexcom did not name began an account anew
	unkept   map[string]map[int64]bool      // those whose life ended while the disk did not know that they had left
	fresh    []campaignEntry                // samples that left in this life while the disk took nothing
	grants   map[string]*judgedGrant
	memory   simulator.Memory
	now      time.Time // by the clock of the lives
	disk     string
	turned   time.Time      // when the disk became so: what came in the same moment may have met it as it was
	faults   map[string]int // by place and kind
	weather  map[string]int
	recovery []time.Duration
	links    int

	refreshes int // answers with tokens that Dexcom gave
	unreached int // grants whose answer did not reach us
	cut       int // grants killed between their arrival and their way to the disk
	unsaved   int // grants of lives that ended while the disk took nothing
	lost      []string
	changed   []string
	foul      []string // what must never be in a journal
}

func newCampaignJudge(people []campaigner) *campaignJudge {
	j := &campaignJudge{
		people: people, samples: map[string]map[int64]float64{}, unkept: map[string]map[int64]bool{}, first: map[string]map[int64]time.Time{}, forgot: map[string][]time.Time{}, grants: map[string]*judgedGrant{},
		now: campaignStart(), faults: map[string]int{}, weather: map[string]int{},
	}
	for _, p := range people {
		j.samples[p.Person.Name], j.unkept[p.Person.Name] = map[int64]float64{}, map[int64]bool{}
		j.grants[p.Person.Name], j.first[p.Person.Name] = &judgedGrant{}, map[int64]time.Time{}
	}
	return j
}

// read takes one line.
func (j *campaignJudge) read(e campaignEntry) {
	j.now = e.At
	switch e.Kind {
	case "sample":
		j.sample(e)
	case "forgotten":
		j.forgot[e.Account] = append(j.forgot[e.Account], e.At)
	case "memory":
		j.remember(*e.Memory, e.At)
	case "reached", "used", "saved", "refused", "dead", "linked":
		j.grant(e)
	case "disk":
		j.turnDisk(e)
	case "weather":
		j.weather[e.Detail]++
	case "faults":
		for kind, n := range e.Counts {
			j.faults[kind] += n
		}
	case "recovered":
		j.recovery = append(j.recovery, time.Duration(e.Value*float64(time.Second)))
	case "elsewhere":
		j.foul = append(j.foul, "a request went to "+e.Detail)
	case "no grant":
		if j.grants[e.Account].stage != stageNone && j.grants[e.Account].stage != stageDead {
			j.lose(e, j.grants[e.Account])
		}
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

func (j *campaignJudge) sample(e campaignEntry) {
	switch before, known := j.samples[e.Account][e.Unix]; {
	case known && before != e.Value:
		j.changed = append(j.changed, fmt.Sprintf("%s at %v was %v and became %v", e.Account, time.UnixMilli(e.Unix).UTC(), before, e.Value))
	case !known && j.disk != "":
		j.fresh = append(j.fresh, e)
	}
	if j.samples[e.Account][e.Unix] = e.Value; j.first[e.Account][e.Unix].IsZero() {
		j.first[e.Account][e.Unix] = e.At
	}
}

// anew tells whether an account was begun anew between the times at which two samples left first.
func (j *campaignJudge) anew(account string, times []int64) bool {
	one, other := j.first[account][times[0]], j.first[account][times[1]]
	return slices.ContainsFunc(j.forgot[account], func(at time.Time) bool { return one.After(at) != other.After(at) })
}

// remember sees by what Dexcom knows that it made new tokens.
func (j *campaignJudge) remember(m simulator.Memory, at time.Time) {
	j.memory = m
	for _, kept := range m.Grants {
		if g := j.grants[kept.Person]; g.refresh != kept.Refresh {
			j.refreshes++
			if g.stage == stageSpent { // nobody had those before: this is a new consent
				j.unreached++
			}
			*g = judgedGrant{
				refresh: kept.Refresh, session: kept.Session, consent: g.session != kept.Session, before: g.access, stage: stageSpent, badDisk: j.disk != "" || at.Equal(j.turned), at: at,
			}
		}
		j.grants[kept.Person].access = kept.Access
	}
}

func (j *campaignJudge) grant(e campaignEntry) {
	g := j.grants[e.Account]
	switch e.Kind {
	case "reached": // by whomever
		for _, g := range j.grants {
			if g.refresh == e.Detail && g.stage == stageSpent {
				g.stage = stageReached
			}
		}
	case "used":
		_, lives := g.access[e.Detail]
		if _, old := g.before[e.Detail]; lives && !old && !g.consent && g.stage == stageReached {
			g.stage = stageUsed
		}
	case "saved":
		g.badDisk = false
	case "refused", "dead":
		j.lose(e, g)
	case "linked":
		j.links++
		if g.stage == stageReached {
			g.stage = stageUsed
		}
	}
}

// lose judges a grant that does not open the data any more.
func (j *campaignJudge) lose(e campaignEntry, g *judgedGrant) {
	switch {
	case g.stage == stageDead:
		return
	case g.stage <= stageSpent:
		j.unreached++
	case g.ended && g.badDisk:
		j.unsaved++
	case g.killed && g.stage == stageReached:
		j.cut++
	default:
		j.lost = append(j.lost, fmt.Sprintf("%s at %v (%s %s, stage %d of %v, killed since %t, disk %q)", e.Account, e.At, e.Kind, e.Detail, g.stage, g.at, g.killed, j.disk))
	}
	g.stage = stageDead
}

// end notes that a life ended with whatever it had in memory only.
func (j *campaignJudge) end(killed bool) {
	for _, g := range j.grants {
		g.ended, g.killed = true, g.killed || killed
	}
	const poll = 20 * time.Minute // until the next poll saves what the disk did not take
	if j.disk != "" || j.now.Sub(j.turned) < poll {
		for _, e := range j.fresh {
			j.unkept[e.Account][e.Unix] = true
		}
	}
	j.fresh = nil
	j.disk = ""
}

// verdict is what became of the readings.
type verdict struct {
	owed, delivered int
	anew            int // like doubled, but between the two the account was begun anew, after a consent whose owner Dexcom did not name
	tooOld          int // never owed: they came when they were older than readings.window, or nearly
	lost, doubled   []string
	twice           int      // like doubled, but the first life ended while the disk took nothing: nobody knew its choice of a time
	forged          []string // with a time or a value that never was
}

const (
	// campaignWindow is readings.window of a life.
	campaignWindow = 12 * time.Hour
	// campaignGrace is how long after it could be read at last a reading is owed:
	// an hour of a wrong clock, an hour of outage, and two for all else.
	campaignGrace = 4 * time.Hour
)

// verdict compares what left the program with the truth.
func (j *campaignJudge) verdict() verdict {
	var v verdict
	for _, p := range j.people {
		j.judge(p, &v)
	}
	return v
}

func (j *campaignJudge) judge(p campaigner, v *verdict) {
	name, samples := p.Person.Name, j.samples[p.Person.Name]
	explained := 0
	for _, m := range p.measurements(campaignStart().Add(-2*24*time.Hour), j.now.Add(2*time.Hour)) {
		there, unkept := 0, false
		for _, at := range distinct(m.times) {
			value, seen := samples[at]
			if !seen {
				continue
			}
			there++
			explained++
			unkept = unkept || j.unkept[name][at]
			if value != m.value {
				v.forged = append(v.forged, fmt.Sprintf("%s at %v is %v, want %v", name, m.at, value, m.value))
			}
		}
		due := m.available.Add(campaignGrace)
		news := m.available.After(campaignStart().Add(time.Hour)) && due.Before(j.now)
		switch owed := news && due.Sub(m.at) < campaignWindow; {
		case there > 1 && unkept:
			v.twice++
		case there > 1 && j.anew(name, m.times):
			v.anew++
		case there > 1:
			v.doubled = append(v.doubled, fmt.Sprintf("%s at %v", name, m.at))
		case there == 0 && owed:
			v.lost = append(v.lost, fmt.Sprintf("%s at %v, available at %v", name, m.at, m.available))
		case news && !owed:
			v.tooOld++
		}
		if news && due.Sub(m.at) < campaignWindow {
			v.owed++
		}
		v.delivered += there
	}
	if explained < len(samples) {
		v.forged = append(v.forged, fmt.Sprintf("%s has %d samples at times that never were", name, len(samples)-explained))
	}
}

func distinct(times []int64) []int64 {
	if len(times) == 2 && times[0] == times[1] {
		return times[:1]
	}
	return times
}
