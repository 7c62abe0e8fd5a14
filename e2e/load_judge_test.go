package e2e

import (
	"slices"
	"testing"
	"time"
)

// loadVerdict counts what became of the readings of one scraper.
type loadVerdict struct{ owed, lost, doubled, changed, forged int }

// judge compares what left with the simulator's own function.
func (l *load) judge(t *testing.T) {
	t.Helper()
	for i, left := range l.left {
		var v loadVerdict
		for _, who := range l.people {
			l.judgeOne(who, left[who.Person.Name], &v)
		}
		t.Logf("readings            owed %d, lost %d, doubled %d, changed %d, forged %d (scraper %d)", v.owed, v.lost, v.doubled, v.changed, v.forged, i)
		if v.owed == 0 || v.lost+v.doubled+v.changed+v.forged > 0 {
			t.Errorf("scraper %d: %+v", i, v)
		}
	}
}

func (l *load) judgeOne(who campaigner, left map[int64]float64, v *loadVerdict) {
	const margin = 10 * time.Minute // at the window's edge
	end := l.began.Add(l.length)
	all := who.measurements(l.began.Add(-loadWindow-margin), end.Add(time.Minute))
	slices.SortFunc(all, func(a, b campaignReading) int { return a.at.Compare(b.at) })
	owed := 24*(1+int((l.length-l.ready-time.Minute)/(5*time.Minute))) - 3 // each offer has 24, the oldest first
	known := 0
	for _, m := range all {
		times := 0
		for _, at := range distinct(m.times) {
			value, found := left[at]
			if !found {
				continue
			}
			times++
			known++
			if value != m.value {
				v.changed++
			}
		}
		if times > 1 {
			v.doubled++
		}
		if m.at.Before(l.began.Add(margin-loadWindow)) || m.available.After(end.Add(-l.patience(who))) || owed <= 0 {
			continue
		}
		owed--
		v.owed++
		if times == 0 {
			v.lost++
		}
	}
	v.forged += len(left) - known
}

// patience is how long a reading may take from the source to the scraper: until
// the account is asked for the first time, and from then on a poll and a scrape.
func (l *load) patience(who campaigner) time.Duration {
	if l.length < 20*time.Minute {
		return l.length + time.Minute // what was there at the start
	}
	if who.API {
		return 16 * time.Minute // poll.max_interval
	}
	return 6 * time.Minute
}
