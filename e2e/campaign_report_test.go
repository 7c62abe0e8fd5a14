package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
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
	t.Logf("grants: %d times new tokens, %d lost that had reached us; %d whose answer did not reach us, %d killed on the way to the disk, %d ended while the disk took nothing; %d consents, %d more that Dexcom refused at once",
		j.refreshes, len(j.lost), j.unreached, j.cut, j.unsaved, j.links, j.denied)
	t.Logf("recovery after %d outages of a source: median %v, p95 %v, longest %v", len(j.recovery), j.quantile(0.5), j.quantile(0.95), j.quantile(1))
	for _, kind := range slices.Sorted(maps.Keys(j.weather)) {
		t.Logf("%-40s %d", kind, j.weather[kind])
	}
	kinds := j.byKind()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		n := kinds[kind]
		t.Logf("%-32s data %5d, tokens %5d, Share %5d", kind, n[0], n[1], n[2])
	}
	rare := append(j.rare(), j.seldom(c.weather)...)
	if len(rare) > 0 || len(j.recovery) == 0 || v.owed < 1000 {
		t.Errorf("%d recoveries, %d readings owed, too few of %q: too little was tried", len(j.recovery), v.owed, rare)
	}
	for what, found := range map[string][]string{
		"lost": v.lost, "doubled": v.doubled, "forged": v.forged, "changed": j.changed, "left unkept": j.unkept, "grants lost": j.lost, "foul": j.foul,
	} {
		if len(found) > 0 {
			t.Errorf("%s: %d, such as %s", what, len(found), strings.Join(found[:min(len(found), 10)], "; "))
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

// rare are the kinds of faults that were not there often enough.
func (j *campaignJudge) rare() []string {
	var rare []string
	kinds := j.byKind()
	for _, fault := range simulator.Faults() {
		if n := kinds[fault.String()]; n[0]+n[1]+n[2] < leastFaults {
			rare = append(rare, fault.String())
		}
	}
	return rare
}

// seldom are the kinds of weather that came less often than least.
func (j *campaignJudge) seldom(least int) []string {
	return slices.DeleteFunc([]string{
		"disk full", "disk read-only", "outage true, clock 0s", "outage false, clock -1h0m0s", "outage false, clock 1h0m0s",
	}, func(kind string) bool { return j.weather[kind] >= least })
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
