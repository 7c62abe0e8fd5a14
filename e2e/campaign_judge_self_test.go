package e2e

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// perfect is a judge of two days in which everything arrived, once.
func perfect() *campaignJudge {
	j := newCampaignJudge(campaigners(5))
	for _, p := range j.people {
		for _, m := range p.measurements(campaignStart().Add(-48*time.Hour), campaignStart().Add(48*time.Hour)) {
			j.read(campaignEntry{At: campaignStart(), Kind: "sample", Account: p.Person.Name, Unix: m.times[0], Value: m.value, Kept: true})
		}
	}
	j.read(campaignEntry{At: campaignStart().Add(48 * time.Hour), Kind: "request"})
	return j
}

// owedTo is a reading that an account is owed, with two times where there are two.
func owedTo(t *testing.T, j *campaignJudge, account string) campaignReading {
	t.Helper()
	for _, p := range j.people {
		for _, m := range p.measurements(campaignStart().Add(6*time.Hour), campaignStart().Add(30*time.Hour)) {
			promptly := m.available.Sub(m.at) < 2*time.Hour
			if p.Person.Name == account && promptly && (!p.API || !p.Share || len(distinct(m.times)) == 2) {
				return m
			}
		}
	}
	t.Fatalf("%s is owed nothing", account)
	return campaignReading{}
}

// again has a reading leave at its second time, the life end, and the next one give it
// at its first. The disk was full until some time before it left, and knows of it only
// where that is said.
func again(j *campaignJudge, m campaignReading, sinceFull, until time.Duration, kept bool) {
	delete(j.samples["both"], m.times[0])
	good := campaignEntry{At: j.now.Add(time.Hour), Kind: "disk"}
	j.read(campaignEntry{At: j.now, Kind: "disk", Detail: "full"})
	if sinceFull >= 0 {
		j.read(good)
	}
	j.read(campaignEntry{At: good.At.Add(sinceFull), Kind: "sample", Account: "both", Unix: m.times[1], Value: m.value})
	if sinceFull < 0 {
		j.read(good)
	}
	if kept {
		j.read(campaignEntry{At: j.now, Kind: "kept", Account: "both", Unix: m.times[1]})
	}
	j.read(campaignEntry{At: good.At.Add(until), Kind: "request"})
	j.end(true)
	j.read(leaves(m, 0, j.now.Add(time.Minute)))
}

// leaves is a reading that leaves at its first or second time, and the disk knows of it.
func leaves(m campaignReading, which int, at time.Time) campaignEntry {
	return campaignEntry{At: at, Kind: "sample", Account: "both", Unix: m.times[which], Value: m.value, Kept: true}
}

// The judge must be able to fail: it notices each forgery, and nothing in a life
// without one.
func TestTheCampaignsJudgeNoticesReadings(t *testing.T) {
	t.Parallel()
	type faults struct{ lost, doubled, twice, anew, forged, changed, unkept int }
	for name, test := range map[string]struct {
		forge func(*campaignJudge, campaignReading)
		want  faults
	}{
		"nothing": {func(*campaignJudge, campaignReading) {}, faults{}},
		"one dropped": {func(j *campaignJudge, m campaignReading) {
			delete(j.samples["both"], m.times[0])
		}, faults{lost: 1}},
		"one at the times of both sources": {func(j *campaignJudge, m campaignReading) {
			j.read(leaves(m, 1, j.now))
		}, faults{doubled: 1}},
		"one in one life, while the disk was full": {func(j *campaignJudge, m campaignReading) {
			j.read(campaignEntry{At: j.now, Kind: "disk", Detail: "full"})
			j.read(campaignEntry{At: j.now, Kind: "sample", Account: "both", Unix: m.times[1], Value: m.value})
		}, faults{doubled: 1}},
		"one left while the disk was full, and in the next life": {func(j *campaignJudge, m campaignReading) {
			again(j, m, -time.Minute, 0, false)
		}, faults{twice: 1}},
		"one left when the disk was good again, before it was saved": {func(j *campaignJudge, m campaignReading) {
			again(j, m, 0, 4*time.Minute, false)
		}, faults{twice: 1}},
		"one that the disk knew before the end": {func(j *campaignJudge, m campaignReading) {
			again(j, m, -time.Minute, 4*time.Minute, true)
		}, faults{doubled: 1}},
		"one that the disk never knew, although it could": {func(j *campaignJudge, m campaignReading) {
			again(j, m, -time.Minute, time.Hour, false)
		}, faults{twice: 1, unkept: 1}},
		"one that left without the disk, long after it was good again": {func(j *campaignJudge, m campaignReading) {
			again(j, m, 30*time.Minute, 30*time.Minute, true)
		}, faults{doubled: 1, unkept: 1}},
		"one that came back to a time that the disk did not know": {func(j *campaignJudge, m campaignReading) {
			again(j, m, -time.Minute, 0, false)
			j.end(true)
			j.read(leaves(m, 1, j.now.Add(time.Minute)))
		}, faults{doubled: 1}},
		"one left again after a consent of nobody knows whom": {func(j *campaignJudge, m campaignReading) {
			j.read(campaignEntry{At: j.now, Kind: "forgotten", Account: "both"})
			j.read(leaves(m, 1, j.now.Add(time.Minute)))
		}, faults{anew: 1}},
		"one that came back after such a consent": {func(j *campaignJudge, m campaignReading) {
			again(j, m, -time.Minute, 0, false)
			j.end(true)
			j.read(campaignEntry{At: j.now, Kind: "forgotten", Account: "both"})
			j.read(leaves(m, 1, j.now.Add(time.Minute)))
		}, faults{anew: 1}},
		"one left again after somebody else's consent": {func(j *campaignJudge, m campaignReading) {
			j.read(campaignEntry{At: j.now, Kind: "forgotten", Account: "five"})
			j.read(leaves(m, 1, j.now.Add(time.Minute)))
		}, faults{doubled: 1}},
		"one at a time that never was": {func(j *campaignJudge, m campaignReading) {
			j.read(campaignEntry{At: j.now, Kind: "sample", Account: "both", Unix: m.times[0] + 60_001, Value: m.value, Kept: true})
		}, faults{forged: 1}},
		"one with a value that never was": {func(j *campaignJudge, m campaignReading) {
			j.samples["both"][m.times[0]].value++
		}, faults{forged: 1}},
		"one that changes and comes back": {func(j *campaignJudge, m campaignReading) {
			for _, value := range []float64{m.value + 1, m.value} {
				j.read(campaignEntry{At: j.now, Kind: "sample", Account: "both", Unix: m.times[0], Value: value, Kept: true})
			}
		}, faults{changed: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := perfect()
			test.forge(j, owedTo(t, j, "both"))
			v := j.verdict()
			if got := (faults{len(v.lost), len(v.doubled), v.twice, v.anew, len(v.forged), len(j.changed), len(j.unkept)}); got != test.want || v.owed < 1000 {
				t.Errorf("%+v, want %+v, of %v", got, test.want, v)
			}
		})
	}
}

// What counts as a grant lost, and what could not be helped.
func TestTheCampaignsJudgeNoticesGrants(t *testing.T) {
	t.Parallel()
	entry := func(kind, detail string) campaignEntry {
		return campaignEntry{At: campaignStart(), Kind: kind, Account: "five", Detail: detail}
	}
	made := entry("memory", "")
	made.Memory = &simulator.Memory{Grants: []simulator.GrantMemory{{
		Person: "five", Session: "S", Refresh: "R", Access: map[string]time.Time{"A": campaignStart().Add(time.Hour)},
	}}}
	first, firstReached, firstUsed := entry("memory", ""), entry("reached", "Q"), entry("used", "B")
	first.Memory = &simulator.Memory{Grants: []simulator.GrantMemory{{
		Person: "five", Session: "S", Refresh: "Q", Access: map[string]time.Time{"B": campaignStart().Add(time.Hour)},
	}}}
	linked := entry("linked", "")
	second := made
	second.Memory = &simulator.Memory{Grants: []simulator.GrantMemory{{
		Person: "five", Session: "S", Refresh: "R", Access: map[string]time.Time{"A": campaignStart().Add(time.Hour), "B": campaignStart().Add(time.Hour)},
	}}}
	reached, used, refused, dead := entry("reached", "R"), entry("used", "A"), entry("refused", ""), entry("dead", "")
	gone, full, good := entry("no grant", ""), entry("disk", "full"), entry("disk", "")
	saved, killed, later := entry("saved", ""), entry("kill", ""), entry("request", "")
	later.At = later.At.Add(time.Hour)
	outage, mistaken := entry("weather", "outage true, clock 0s"), entry("unlinked", "taken for another person")
	denied := entry("unlinked", "dexcom: dataRange: credentials: HTTP 401")
	type fate struct{ lost, unreached, cut, unsaved, denied int }
	for name, test := range map[string]struct {
		entries []campaignEntry
		want    fate
	}{
		"lives":                                {[]campaignEntry{made, reached, used, linked, killed}, fate{}},
		"the answer never came":                {[]campaignEntry{made, refused}, fate{unreached: 1}},
		"killed before the answer came":        {[]campaignEntry{made, killed, dead, refused}, fate{unreached: 1}},
		"came and was forgotten":               {[]campaignEntry{made, reached, refused}, fate{lost: 1}},
		"was used and forgotten":               {[]campaignEntry{made, reached, linked, used, refused, refused}, fate{lost: 1}},
		"killed before it was written":         {[]campaignEntry{made, reached, killed, dead}, fate{cut: 1}},
		"killed while the one before served":   {[]campaignEntry{first, firstReached, second, reached, firstUsed, killed, dead}, fate{cut: 1}},
		"killed while it was linked":           {[]campaignEntry{made, reached, used, killed, dead}, fate{cut: 1}},
		"killed after it was linked":           {[]campaignEntry{made, reached, linked, killed, dead}, fate{lost: 1}},
		"killed after it was used":             {[]campaignEntry{first, firstReached, second, reached, used, killed, dead}, fate{lost: 1}},
		"taken for another person's":           {[]campaignEntry{made, reached, mistaken, refused}, fate{lost: 1}},
		"thrown away":                          {[]campaignEntry{made, reached, denied}, fate{lost: 1}},
		"thrown away while all calls failed":   {[]campaignEntry{outage, made, reached, denied}, fate{denied: 1}},
		"not linked, and it never came":        {[]campaignEntry{made, denied, refused}, fate{unreached: 1}},
		"its file is gone":                     {[]campaignEntry{made, reached, linked, killed, gone}, fate{lost: 1}},
		"killed while the disk was full":       {[]campaignEntry{full, made, reached, used, killed, dead}, fate{unsaved: 1}},
		"killed then, and again before a look": {[]campaignEntry{full, made, reached, used, killed, later, killed, dead}, fate{unsaved: 1}},
		"killed long after the disk was good":  {[]campaignEntry{full, made, reached, linked, good, later, killed, dead}, fate{lost: 1}},
		"the disk was full in the same moment": {[]campaignEntry{made, full, reached, used, killed, dead}, fate{unsaved: 1}},
		"saved once the disk took it":          {[]campaignEntry{full, made, reached, used, linked, good, saved, killed, dead}, fate{lost: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newCampaignJudge(campaigners(5))
			for _, e := range test.entries {
				if e.Kind == "kill" {
					j.end(true)
					continue
				}
				j.read(e)
			}
			if got := (fate{len(j.lost), j.unreached, j.cut, j.unsaved, j.denied}); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}
