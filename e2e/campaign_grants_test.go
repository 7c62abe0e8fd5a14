package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

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

// end notes that a life ended. Only the first one after the tokens came could have them
// in its memory alone.
func (g *judgedGrant) end(killed, saved bool) {
	if !g.ended && saved {
		g.badDisk = false
	}
	g.ended, g.killed = true, g.killed || killed
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
	case "no grant":
		if g.stage != stageNone {
			j.lose(e, g)
		}
	case "unlinked":
		j.throwAway(e, g)
	case "linked":
		j.links++
		if g.stage == stageReached {
			g.stage = stageUsed
		}
	}
}

// throwAway judges a consent that did not link the account. It is lost if its tokens
// had reached us, unless Dexcom refused them, each of three times.
func (j *campaignJudge) throwAway(e campaignEntry, g *judgedGrant) {
	switch {
	case g.stage != stageReached:
	case j.outage && strings.HasSuffix(e.Detail, "dataRange: credentials: HTTP 401"):
		j.denied++
		g.stage = stageDead
	default:
		j.lose(e, g)
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
		j.lost = append(j.lost, fmt.Sprintf("%s at %s (%s %s, stage %d of %s, killed since %t, disk %q), after: %s",
			e.Account, clock(e.At), e.Kind, e.Detail, g.stage, clock(g.at), g.killed, j.disk, j.trail.of(e.Account)))
	}
	g.stage = stageDead
}
