package collector

import "time"

// A stock Prometheus takes no sample that is older than an hour. What it takes is the
// value of a fixed time ago as the value of now: the replay gauge. Drawn with the
// lag as a negative offset, each reading stands at its own time.

const (
	// replayed is how long one reading is the one of the lag ago: until the next one,
	// and a little longer, so that a clock that drifts tears no holes.
	replayed = cadence + time.Minute
	// latestReplay is how much later than the lag a reading may arrive and still be seen
	// by a scrape each minute, before the next one takes its place.
	latestReplay = cadence - time.Minute
)

// replay gives the newest reading in the time of one reading up to a moment. It is
// not held back for what may still change: there is no other moment to show it.
func (h *history) replay(moment time.Time) (Reading, bool) {
	end, _ := h.find(moment.UnixMilli() + 1)
	if end == 0 || moment.Sub(h.at(end-1).time()) >= replayed {
		return Reading{}, false
	}
	return h.at(end - 1).reading(), true
}

func replayRows() []row {
	return []row{
		gauge("dexcom_glucose_replay_mg_dl", "Newest reading of a fixed lag ago in mg/dL; with the lag as a negative offset it draws every reading at its time.", nil,
			func(s Snapshot, emit emit) { emitIf(emit, s.HasReplay, s.Replay.MgDL) }),
		gauge("dexcom_exporter_replay_lag_seconds", "Lag of the replay gauge.", nil,
			func(s Snapshot, emit emit) { emit(s.ReplayLag.Seconds()) }),
		counter("dexcom_exporter_replay_missed_total", "Readings that arrived too late for the replay gauge.", nil,
			func(s Snapshot, emit emit) { emit(float64(s.ReplayMissed)) }),
	}
}
