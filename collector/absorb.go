package collector

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

const (
	skipFuture    = "future"    // the reading's time has not come yet
	skipDuplicate = "duplicate" // another reading has the same time

	// tolerance is how far ahead of our clock a reading may be and still be live.
	tolerance = 5 * time.Minute
)

// absorb puts what a request of a source for a person's readings brought into the
// history and returns how many readings were new.
func (a *account) absorb(person int, list dexcom.List[dexcom.Reading], now time.Time, fetch fetch) int {
	added := a.take(person, list, now, fetch)
	a.keep()
	return added
}

// fetch is one of the requests that bring readings. What the first one of a kind
// brings says nothing about Dexcom's delay, and did not all arrive now.
type fetch int

const (
	newestFetch fetch = iota // of the API: the last day, or since the newest reading
	wholeFetch               // of the API: all that the history keeps
	shareFetch               // of Share
)

// source is where the readings of a fetch come from.
func (f fetch) source() string {
	if f == shareFetch {
		return sourceShare
	}
	return sourceAPI
}

func (a *account) take(person int, list dexcom.List[dexcom.Reading], now time.Time, fetch fetch) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person != a.person || a.gone {
		return 0
	}
	a.countSkips("egvs", list.Skipped)
	batch := make([]dexcom.Reading, 0, len(list.Records))
	for _, reading := range list.Records {
		if reading.Time.After(now.Add(ahead)) {
			a.countSkip("egvs", skipFuture, a.history.nameHash(nameOf(reading)))
			continue
		}
		batch = append(batch, reading)
	}
	a.observeNewest(batch, now, fetch)
	if a.both.began.IsZero() {
		a.both.began = now
	}
	timely := a.fetched[fetch]
	// Share gives an empty answer while nobody may look: what comes after that is a
	// whole day still.
	a.fetched[fetch] = timely || fetch != shareFetch || len(batch) > 0
	if fetch == shareFetch {
		a.both.answered = true
	} else if a.mustWait(now) {
		a.both.keep(batch, fetch, timely)
		batch = nil
	}
	added := a.join(batch, now, fetch, timely)
	a.joinWaiting(now)
	a.settle(now)
	return added
}

// join puts a batch into the history. The caller holds mu.
func (a *account) join(batch []dexcom.Reading, now time.Time, fetch fetch, timely bool) (count int) {
	a.both.given.place(batch, fetch != shareFetch)
	if fetch == shareFetch && a.usesBoth() {
		batch = a.leaveToAPI(batch, now)
	}
	batch = a.pair(batch, fetch) // also with what a source left that is not used any more
	before, _ := a.history.newest(now.Add(tolerance))
	added, doubled := a.history.upsert(batch, now, fetch == shareFetch)
	for _, reading := range doubled {
		a.countSkip("egvs", skipDuplicate, a.history.nameHash(nameOf(reading)))
	}
	a.unsaved = a.unsaved || len(added) > 0
	a.observeClock(added, before, now)
	a.observeDelays(added, now, fetch, timely)
	a.arrivals.expect(a.both.given.without(added), timely, a.settings.ReplayLag)
	if fetch != wholeFetch && !a.mustWait(now) {
		a.arrivals.begin(added)
	}
	return len(added)
}

// observeNewest learns what the newest readings of a source tell.
func (a *account) observeNewest(batch []dexcom.Reading, now time.Time, fetch fetch) {
	for _, reading := range batch {
		if reading.Time.After(now.Add(tolerance)) {
			continue
		}
		if fetch == shareFetch || !a.both.mismatch {
			a.transmitter.observe(reading)
		}
		if reading.Time.After(a.newest[fetch.source()]) {
			a.newest[fetch.source()] = reading.Time
		}
	}
}

// settle lets go of what is not held back any more. The caller holds mu.
func (a *account) settle(now time.Time) {
	settled := a.history.settle(now, a.smooths())
	a.arrivals.count(settled)
	for _, reading := range settled {
		a.outbox.putReading(reading, now)
	}
	for _, reading := range a.history.takeRated() {
		a.outbox.putRate(reading, now)
	}
	a.putEvents(now)
	a.outbox.trim(now)
	a.unsaved = a.unsaved || a.outbox.open != a.outbox.end()
}

// smooths tells whether Dexcom may smooth this person's values: that of a G6, as
// version 2 of the API does, or of a device that is not known.
// (developer.dexcom.com/docs/dexcomv2/operation/getEstimatedGlucoseValuesV2)
func (a *account) smooths() bool {
	return len(a.devices) == 0 || slices.ContainsFunc(a.devices, func(d dexcom.Device) bool {
		return slices.Contains([]dexcom.Generation{dexcom.UnknownGeneration, dexcom.G6, dexcom.G6Plus, dexcom.G6Pro}, d.Generation)
	})
}

// observeClock compares the device's clock with ours at its newest reading; what
// is back-filled tells nothing of the clock of now.
func (a *account) observeClock(added []Reading, before Reading, now time.Time) {
	newest := before.Time
	for _, reading := range added {
		if reading.Time.After(newest) {
			newest = reading.Time
		}
	}
	if newest.After(before.Time) {
		a.clockSkew = max(0, newest.Sub(now)).Truncate(time.Second)
	}
}

func (a *account) observeDelays(added []Reading, now time.Time, fetch fetch, timely bool) {
	for _, reading := range added {
		switch {
		case reading.Time.After(now.Add(tolerance)):
			a.own.skipped.WithLabelValues("egvs", skipFuture).Inc()
		case timely:
			a.own.readingDelay.WithLabelValues(fetch.source()).Observe(max(0, now.Sub(reading.Time).Seconds()))
		}
	}
}

func (a *account) countSkips(endpoint string, list []dexcom.Skip) {
	for _, skip := range list {
		a.countSkip(endpoint, skip.Reason, skip.Key)
	}
}

func (a *account) countSkip(endpoint, reason string, key uint64) {
	if !a.skips.first(key) {
		return
	}
	a.own.skipped.WithLabelValues(endpoint, reason).Inc()
	a.log.Debug("record left out", "endpoint", endpoint, "reason", reason)
}
