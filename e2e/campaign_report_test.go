package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// leastFaults is how often each kind of fault has to have been there.
const leastFaults = 20

// report writes the table of a campaign, and fails where it is not as promised.
func (c *campaign) report(t *testing.T) {
	t.Helper()
	j, v := c.judge, c.judge.verdict()
	slices.Sort(j.recovery)
	t.Logf("%d lives, %d killed, %.1f simulated days", c.lives, c.killed, j.now.Sub(campaignStart()).Hours()/24)
	t.Logf("readings: %d owed, %d lost, %d doubled, %d changed, %d forged; %d came too old to be owed, %d left twice around an end while the disk took nothing, %d around a consent of nobody knows whom",
		v.owed, len(v.lost), len(v.doubled), len(j.changed), len(v.forged), v.tooOld, v.twice, v.anew)
	t.Logf("grants: %d times new tokens, %d lost that had reached us; %d whose answer did not reach us, %d killed on the way to the disk, %d ended while the disk took nothing; %d consents",
		j.refreshes, len(j.lost), j.unreached, j.cut, j.unsaved, j.links)
	t.Logf("recovery after %d outages of a source: median %v, p95 %v, longest %v", len(j.recovery), j.quantile(0.5), j.quantile(0.95), j.quantile(1))
	for _, kind := range slices.Sorted(maps.Keys(j.weather)) {
		t.Logf("%-40s %d", kind, j.weather[kind])
	}
	kinds := j.byKind()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		n := kinds[kind]
		t.Logf("%-32s data %5d, tokens %5d, Share %5d", kind, n[0], n[1], n[2])
		if n[0]+n[1]+n[2] < leastFaults {
			t.Errorf("%q was injected %d times only", kind, n[0]+n[1]+n[2])
		}
	}
	if len(kinds) < 30 || len(j.recovery) == 0 || v.owed < 1000 {
		t.Errorf("%d kinds of faults, %d recoveries, %d readings owed: too little was tried", len(kinds), len(j.recovery), v.owed)
	}
	for what, found := range map[string][]string{
		"lost": v.lost, "doubled": v.doubled, "forged": v.forged, "changed": j.changed, "grants lost": j.lost, "foul": j.foul,
	} {
		if len(found) > 0 {
			t.Errorf("%s: %d, such as %s", what, len(found), strings.Join(found[:min(len(found), 5)], "; "))
		}
	}
}

// byKind are the faults of data, tokens and Share, by kind.
func (j *campaignJudge) byKind() map[string][3]int {
	kinds := map[string][3]int{}
	for name, n := range j.faults {
		place, kind, _ := strings.Cut(name, ": ")
		counts := kinds[kind]
		counts[slices.Index([]string{"data", "token", "share"}, place)] += n
		kinds[kind] = counts
	}
	return kinds
}

// quantile is of the times of recovery, which are sorted.
func (j *campaignJudge) quantile(q float64) time.Duration {
	if len(j.recovery) == 0 {
		return 0
	}
	return j.recovery[int(q*float64(len(j.recovery)-1))].Round(time.Second)
}

// String is a short form for a person who looks on.
func (v verdict) String() string {
	return fmt.Sprintf("%d owed, %d lost, %d doubled, %d forged", v.owed, len(v.lost), len(v.doubled), len(v.forged))
}
