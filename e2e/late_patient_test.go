package e2e

import (
	"fmt"
	"hash/fnv"
	"math"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	// mostAtOnce is how many samples of a series /readings offers within five minutes,
	// which is longer than a test: nobody here has more.
	mostAtOnce = 24
	// readingsWindow is the age from which /readings offers nothing.
	readingsWindow = 12 * time.Hour
	// never is the round of what does not arrive.
	never = math.MaxInt
)

// patient is an account with the person behind it, whose records arrive in rounds.
// The first one, 0, is before the program starts.
type patient struct {
	*simulator.Person // its name is the account's, too

	api, v2, share bool
	measured       []measurement // oldest first
	diary          []entry
	replayLag      time.Duration
	began          time.Time // when the rounds were planned
}

// measurement is what both sources tell of one moment, and when.
type measurement struct {
	api, share           simulator.Reading // of share only time and value
	smoothed             int               // 0: never
	apiRound, shareRound int
}

// entry is what the person wrote down.
type entry struct {
	simulator.Event

	round int
}

// plan is how a patient's readings arrive: the round of number i of n.
type plan func(i, n int) (api, share int)

// inOrder has parts of equal size arrive one after the other, the first one as
// history.
func inOrder(rounds int) plan {
	return func(i, n int) (int, int) { return i * (rounds + 1) / n, never }
}

// patientOf has the last readings of a person that are older than an age arrive. The
// seed is one with which there are 24 of them in a row.
func patientOf(t *testing.T, p simulator.Person, youngest time.Duration, v2, share bool, plan plan) *patient {
	t.Helper()
	now, name := time.Now(), fnv.New64a()
	_, _ = name.Write([]byte(p.Name)) // never fails
	p.Seed = name.Sum64()             // people who share one are one
	for range 500 {
		p.Seed++
		p.Since = now.Add(-40 * 24 * time.Hour)
		person := p
		a := &patient{Person: &person, v2: v2, share: share, began: now}
		if a.plan(now.Add(-youngest), plan) {
			return a
		}
	}
	t.Fatalf("nobody like %s", p.Name)
	return nil
}

// plan takes the last readings before a time, and tells whether they are as wanted.
func (p *patient) plan(before time.Time, plan plan) bool {
	from := before.Add(-mostAtOnce * 5 * time.Minute)
	readings := p.AvailableReadings(from, before, p.began)
	rates := 0
	for i, r := range readings {
		m := measurement{api: r, apiRound: never, shareRound: never}
		m.apiRound, m.shareRound = plan(i, len(readings))
		p.api = p.api || m.apiRound != never
		p.measured = append(p.measured, m)
		if r.HasRate {
			rates++
		}
	}
	if len(readings) < mostAtOnce-1 || len(readings) > mostAtOnce || rates < len(readings)/2 {
		return false
	}
	// Just older than the lag: whatever is younger stays so during a test.
	middle := p.measured[len(p.measured)/2].api.SystemTime
	p.replayLag = (p.began.Sub(middle) - 5*time.Second - latestReplay).Truncate(time.Second)
	return p.planSmoothing() && p.planShare() && p.planDiary()
}

// latestReplay is how much later than its lag a reading may arrive and still be
// replayed.
const latestReplay = 4 * time.Minute

// planSmoothing learns what version 2 makes of the readings.
func (p *patient) planSmoothing() bool {
	if !p.v2 {
		return true
	}
	smoothed := map[int64]simulator.V2Reading{}
	for _, r := range p.V2Readings(p.measured[0].api.SystemTime, p.began, p.began) {
		smoothed[r.SystemTime.UnixMilli()] = r
	}
	for i := range p.measured {
		m := &p.measured[i]
		r, found := smoothed[m.api.SystemTime.UnixMilli()]
		if !found || !r.HasSmoothed { // else what is not smoothed now might be in a minute
			return false
		}
		m.api, m.smoothed = r.Reading, r.Smoothed
		m.api.Value = r.Realtime
	}
	return true
}

// planShare finds what Share tells of the same measurements.
func (p *patient) planShare() bool {
	if !p.share {
		return true
	}
	byID := map[string]simulator.ShareReading{}
	for _, r := range p.ShareReadings(p.began.Add(-20*time.Hour), p.began, p.began) {
		byID[r.RecordID] = r
	}
	for i := range p.measured {
		r, found := byID[p.measured[i].api.RecordID]
		if !found {
			return false
		}
		p.measured[i].share = simulator.Reading{SystemTime: r.Time.Truncate(time.Second), Value: r.Value}
	}
	return true
}

// planDiary has the person's entries of the window arrive as history and with the first
// readings after it; they may not change during the test.
func (p *patient) planDiary() bool {
	if !p.api {
		return true
	}
	from := p.began.Add(-readingsWindow + 20*time.Minute)
	events := p.Events(from, p.began, p.began)
	later := p.Events(from, p.began, p.began.Add(10*time.Minute))
	if len(events) != len(later) || len(events) == 0 {
		return false
	}
	for i, e := range events {
		if e != later[i] || i > 0 && e.SystemTime.Equal(events[i-1].SystemTime) {
			return false
		}
		p.diary = append(p.diary, entry{e, 0})
		if i%2 == 1 {
			p.diary[i].round = p.firstNews()
		}
	}
	return true
}

// firstNews is the first round after round 0 in which the API has readings; 0 if there
// is none.
func (p *patient) firstNews() int {
	news := never
	for _, m := range p.measured {
		if m.apiRound > 0 {
			news = min(news, m.apiRound)
		}
	}
	return news % never
}

// config is the account in YAML. Share's password is in it.
func (p *patient) config(shareURL string) string {
	text := fmt.Sprintf("  - name: %s\n    replay_lag: %s\n    events: [carbs, insulin, exercise, health, blood_glucose]\n", p.Name, p.replayLag)
	switch {
	case p.v2:
		text += "    api: {region: us, version: v2}\n"
	case p.api:
		text += "    api: {region: us}\n"
	}
	if p.share {
		text += fmt.Sprintf("    share: {region: us, username: %s, password: %s, base_url: %q}\n", p.Name, sharePassword, shareURL)
	}
	return text
}
