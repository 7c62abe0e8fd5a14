package e2e

import (
	"fmt"
	"strings"
	"time"
)

// verdict is what became of the readings.
type verdict struct {
	owed, delivered int
	anew            int // like doubled, but between the two the account was begun anew, after a consent whose owner Dexcom did not name
	tooOld          int // never owed: they came when they were older than readings.window, or nearly
	lost, doubled   []string
	twice           int      // like doubled, but the life of one of them ended before the disk, which had taken nothing, knew it
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
		var there []*judgedSample
		for _, at := range distinct(m.times) {
			s, seen := samples[at]
			if !seen {
				continue
			}
			there = append(there, s)
			explained++
			if s.value != m.value {
				v.forged = append(v.forged, fmt.Sprintf("%s at %v is %v, want %v", name, m.at, s.value, m.value))
			}
		}
		due := m.available.Add(campaignGrace)
		news := m.available.After(campaignStart().Add(time.Hour)) && due.Before(j.now)
		switch owed := news && due.Sub(m.at) < campaignWindow; {
		case len(there) > 1:
			j.count(name, m, there[0], there[1], v)
		case len(there) == 0 && owed:
			v.lost = append(v.lost, fmt.Sprintf("%s at %v, available at %v", name, m.at, m.available))
		case news && !owed:
			v.tooOld++
		}
		if news && due.Sub(m.at) < campaignWindow {
			v.owed++
		}
		v.delivered += len(there)
	}
	if explained < len(samples) {
		v.forged = append(v.forged, fmt.Sprintf("%s has %d samples at times that never were", name, len(samples)-explained))
	}
}

// count sorts a measurement that left at two times.
func (j *campaignJudge) count(account string, m campaignReading, one, other *judgedSample, v *verdict) {
	switch doubled, anew := j.twice(account, one, other); {
	case doubled:
		v.doubled = append(v.doubled, fmt.Sprintf("%s at %v: %v; and %v; forgotten %v; ends: %s", account, m.at, one, other, j.forgot[account], j.around(one, other)))
	case anew:
		v.anew++
	default:
		v.twice++
	}
}

// around tells how the lives ended in which two samples left first.
func (j *campaignJudge) around(samples ...*judgedSample) string {
	var ends []string
	for _, s := range samples {
		if life := s.left[0].life; life < len(j.ends) {
			ends = append(ends, fmt.Sprintf("%d %v", life, j.ends[life]))
		}
	}
	return strings.Join(ends, ", ")
}

func distinct(times []int64) []int64 {
	if len(times) == 2 && times[0] == times[1] {
		return times[:1]
	}
	return times
}
