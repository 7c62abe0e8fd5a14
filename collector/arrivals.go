package collector

import (
	"maps"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// arrivals counts one person's readings by range as they arrive, each once, also
// over restarts: a restart must neither look like a flood of readings nor hide a
// low. What a first fetch brings counts only where it is newer than what was
// delivered before the last stop, or was held back then.
//
// The counts go on where they stood, and are shown once they are saved. Counters
// that began at 0 with each start would lose, for whoever takes their increase,
// what arrived between the last scrape and the stop, and what the first fetch adds
// before the first scrape.
type arrivals struct {
	bounds    glucose.Bounds
	tally     tally
	shown     tally              // the same, as it was saved
	delivered time.Time          // time of the newest reading that was let go
	since     time.Time          // what delivered was at the start; zero: nothing is known
	pending   map[int64]struct{} // Unix milliseconds of arrivals that are held back
	unsaved   bool
}

// tally is what was counted.
type tally struct {
	byRange [5]uint64
	missed  uint64 // arrived too late to be replayed
}

// mostHeld bounds the state file: a day of readings.
const mostHeld = 288

func newArrivals(bounds glucose.Bounds, before dexcom.AccountState, now time.Time) arrivals {
	a := arrivals{bounds: bounds, pending: map[int64]struct{}{}}
	// A clock that was ahead must not swallow what comes from now on.
	if a.since = before.Delivered; a.since.After(now.Add(tolerance)) {
		a.since = now
	}
	a.delivered = a.since
	for _, held := range before.Held {
		if held.UTC().Year() <= 9999 { // else it could not be written again
			a.pending[held.UnixMilli()] = struct{}{}
		}
	}
	for _, r := range glucose.Ranges() {
		a.tally.byRange[r] = before.Arrived[r.String()]
	}
	a.tally.missed = before.Missed
	a.shown = a.tally
	return a
}

// begin takes the first fetch of newest readings ever as what was there before.
func (a *arrivals) begin(added []Reading) {
	if !a.since.IsZero() {
		return
	}
	for _, reading := range added {
		if reading.Time.After(a.since) {
			a.since, a.delivered, a.unsaved = reading.Time, reading.Time, true
		}
	}
}

// expect notes new readings before they are let go; timely says that they did not
// come with a first fetch. They are replayed when they are a lag old.
func (a *arrivals) expect(added []Reading, timely bool, lag time.Duration) {
	for _, reading := range added {
		if timely || !a.since.IsZero() && reading.Time.After(a.since) {
			_, again := a.pending[reading.Time.UnixMilli()] // of before a restart
			a.pending[reading.Time.UnixMilli()] = struct{}{}
			a.unsaved = true
			if !again && reading.Arrived.Sub(reading.Time) > lag+latestReplay {
				a.tally.missed++
			}
		}
	}
}

// count takes readings that were let go.
func (a *arrivals) count(settled []Reading) {
	for _, reading := range settled {
		if _, arrived := a.pending[reading.Time.UnixMilli()]; arrived {
			delete(a.pending, reading.Time.UnixMilli())
			a.tally.byRange[a.bounds.Range(reading.MgDL)]++
			a.unsaved = true
		}
		if reading.Time.After(a.delivered) {
			a.delivered, a.unsaved = reading.Time, true
		}
	}
	if len(a.pending) == 0 {
		a.pending = map[int64]struct{}{} // an emptied map keeps its size
	}
}

// restart takes what was delivered as delivered before the start: all is read
// again.
func (a *arrivals) restart() { a.since = a.delivered }

// forget starts again for another person. Counters only ever rise.
func (a *arrivals) forget() {
	a.since, a.delivered, a.pending, a.unsaved = time.Time{}, time.Time{}, map[int64]struct{}{}, true
}

// save writes what a restart must know into the state, of pending readings only
// those that Dexcom may still send.
func (a *arrivals) save(state *dexcom.AccountState, oldest time.Time) {
	maps.DeleteFunc(a.pending, func(unixMilli int64, _ struct{}) bool { return unixMilli < oldest.UnixMilli() })
	pending := slices.Sorted(maps.Keys(a.pending))
	state.Delivered, state.Held, state.Arrived = a.delivered, nil, map[string]uint64{}
	for _, r := range glucose.Ranges() {
		state.Arrived[r.String()] = a.tally.byRange[r]
	}
	state.Missed = a.tally.missed
	for _, unixMilli := range pending[max(0, len(pending)-mostHeld):] {
		state.Held = append(state.Held, time.UnixMilli(unixMilli).UTC())
	}
	a.unsaved = false
}

// show makes what was counted visible.
func (a *arrivals) show(saved tally) { a.shown = saved }

func arrivalRows() []row {
	return []row{
		counter("dexcom_egvs_total", "Readings counted by range when they arrive, late ones too.", []string{"range"},
			func(s Snapshot, emit emit) {
				for _, r := range glucose.Ranges() {
					emit(float64(s.Arrivals[r]), r.String())
				}
			}),
	}
}
