package collector

import (
	"math"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Where an account has both sources, one measurement comes twice: from Share within
// minutes, and hours later from the API, under another name and at a time that is
// off by seconds. The history has it once, at the time and with the value that came
// first, so that what left the program stays as it was.

const (
	// apart is how far two records of one measurement may be apart: half of the
	// five minutes between two measurements.
	apart = 150 * time.Second
	// shareReach is how far back Share has readings.
	shareReach = 24 * time.Hour
	// longestWait is how long the API waits for a Share that does not answer.
	longestWait = 10 * time.Minute
	// fewestPairs have to differ before two sources are not the same person.
	fewestPairs = 12
	mostPairs   = 48
	// muchMgDL is more than smoothing and rounding make between two sources.
	muchMgDL = 20
)

// both is what an account with both sources knows of how they fit.
type both struct {
	began    time.Time // when the first answer came; zero: none has
	answered bool      // Share did, so that its readings are there
	waiting  []waitingBatch
	given    given
	differ   []bool // of the last pairs: by more than much
	mismatch bool   // the two sources are not the same person
}

// waitingBatch is what the API brought before Share answered.
type waitingBatch struct {
	readings []dexcom.Reading
	fetch    fetch
	timely   bool
}

// usesBoth tells whether the account has both sources. The caller holds mu.
func (a *account) usesBoth() bool { return a.settings.API != nil && a.settings.Share != nil }

// mustWait tells whether readings of the API have to wait, because Share knows the
// times under which they were given away before a restart. The caller holds mu.
func (a *account) mustWait(now time.Time) bool {
	if !a.usesBoth() || a.both.answered {
		return false
	}
	return a.both.began.IsZero() || now.Sub(a.both.began) < longestWait
}

// keep lets what the API brought wait. What is older than Share's readings waits
// too: alone it would be shown as the newest.
func (b *both) keep(batch []dexcom.Reading, fetch fetch, timely bool) {
	b.waiting = append(b.waiting, waitingBatch{batch, fetch, timely})
}

// joinWaiting puts what waited into the history, once it may. The caller holds mu.
func (a *account) joinWaiting(now time.Time) {
	if len(a.both.waiting) == 0 || a.mustWait(now) {
		return
	}
	waiting := a.both.waiting
	a.both.waiting = nil
	for _, batch := range waiting {
		a.join(batch.readings, now, batch.fetch, batch.timely)
	}
}

// pair finds the readings of a batch that the other source brought already, lets
// them fill in what these lack, and returns the others. The caller holds mu.
func (a *account) pair(batch []dexcom.Reading, fetch fetch) (unpaired []dexcom.Reading) {
	for _, reading := range batch {
		difference, paired, first := a.history.pair(reading, fetch == shareFetch)
		if first {
			a.both.differ = append(a.both.differ, difference > muchMgDL)
		}
		if !paired {
			unpaired = append(unpaired, reading)
		}
	}
	a.both.differ = a.both.differ[max(0, len(a.both.differ)-mostPairs):]
	before := a.both.mismatch
	a.judge()
	switch {
	case a.both.mismatch && fetch != shareFetch:
		a.dropAPI()
		return nil
	case a.both.mismatch && !before: // and what it was paired with is gone
		return batch
	}
	return unpaired
}

// judge decides whether the two sources are the same person. Where they are not,
// what is live stays, and what the API brought goes. The caller holds mu.
func (a *account) judge() {
	much := 0
	for _, differs := range a.both.differ {
		if differs {
			much++
		}
	}
	mismatch := a.both.mismatch
	switch pairs := len(a.both.differ); {
	case pairs < fewestPairs: // too few to say anything new
	case 2*much > pairs:
		mismatch = true
	case 4*much < pairs: // well below, so that it does not come and go
		mismatch = false
	}
	before := a.both.mismatch
	a.both.mismatch = mismatch
	switch {
	case mismatch && !before:
		a.log.Error("the official API and Share show two people: is the Share login another person's than the link?", "pairs", len(a.both.differ), "differ", much)
		a.dropAPI()
		a.fillOutbox(time.Now())
	case !mismatch && before:
		a.log.Info("the official API and Share show one person")
		// What was left out comes with the next look at the history, and is no news.
		a.fetched[newestFetch], a.fetched[wholeFetch] = false, false
		a.arrivals.restart()
		delete(a.done, historyChore)
	}
	a.unsaved = a.unsaved || mismatch != before
}

// dropAPI forgets the readings of the API's person and what they told of Share's: a
// reading of Share alone has neither rate nor transmitter. The caller holds mu.
func (a *account) dropAPI() {
	a.history.dropAPI()
	a.figured = figured{}
	for i, p := range a.history.records {
		r := p.record()
		r.trendRate, r.generation = math.NaN(), dexcom.UnknownGeneration
		a.history.records[i] = r.packed()
	}
	a.transmitter = transmitter{}
}
