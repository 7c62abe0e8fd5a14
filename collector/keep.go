package collector

import (
	"context"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// keep writes the account's state file when it says too little, and then shows what
// was counted. That the file cannot be written is said once, and costs nothing
// until the next start. See [Collector.saveAgain].
func (a *account) keep() {
	a.mu.Lock()
	file, must := a.settings.State, (a.unsaved || a.arrivals.unsaved) && !a.gone
	a.mu.Unlock()
	if !must {
		return
	}
	a.saving.Lock() // what was counted later must not be shown before
	defer a.saving.Unlock()
	var saved tally
	var end uint64
	save := func(state *dexcom.AccountState) {
		a.mu.Lock()
		defer a.mu.Unlock()
		now := time.Now()
		a.arrivals.save(state, now.Add(-a.history.keep))
		known := a.remember(now)
		state.Newest, state.Mismatch, state.ShareAccount = known.newest, known.mismatch, a.login
		state.Given, state.GivenByAPI = known.given.times, known.given.byAPI
		a.unsaved = false
		saved, end = a.arrivals.tally, a.outbox.end()
	}
	var err error
	if file == nil {
		save(&dexcom.AccountState{})
	} else {
		err = file.Update(save)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arrivals.show(saved)
	a.outbox.open = max(a.outbox.open, end)
	switch {
	case err != nil && a.keeping:
		a.log.Warn("the account's state is not saved: after a restart readings may count twice", "err", err)
	case err == nil && !a.keeping:
		a.log.Info("the account's state is saved again")
	}
	a.keeping, a.unsaved = err == nil, a.unsaved || err != nil
}

// keepSaving tries once a minute to save what a disk did not take: the next poll may be
// an hour away, and a kill must not find it unsaved.
func (c *Collector) keepSaving(ctx context.Context) {
	again := time.NewTicker(time.Minute)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			c.saveAgain()
		}
	}
}

// saveAgain saves the states and grants that could not be saved last time.
func (c *Collector) saveAgain() {
	for _, a := range c.all() {
		a.mu.Lock()
		keeping, api := a.keeping, a.settings.API
		a.mu.Unlock()
		if !keeping {
			a.keep()
		}
		if api != nil && api.Grant != nil {
			api.Grant.SaveAgain()
		}
	}
}

// newestKnown is the time of the newest reading that is not in the future, of before
// the last start too. The caller holds mu.
func (a *account) newestKnown(now time.Time) time.Time {
	if newest, ok := a.history.newest(now.Add(tolerance)); ok {
		return newest.Time
	}
	return a.known
}

// remembered is what must be known of readings that are not there any more: before a
// restart, or under another version of the API.
type remembered struct {
	newest   time.Time
	given    given
	mismatch bool
}

// remember gives what is to be kept. The caller holds mu.
func (a *account) remember(now time.Time) remembered {
	return remembered{a.newestKnown(now), a.given(now), a.both.mismatch}
}

// recall takes what was kept. The caller holds mu.
func (a *account) recall(r remembered) {
	a.known, a.both.given, a.both.mismatch = r.newest, r.given, r.mismatch
}
