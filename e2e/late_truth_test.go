package e2e

import (
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// samples are values by series and by their own time in Unix milliseconds.
type samples map[string]map[int64]float64

func (s samples) put(series string, at time.Time, value float64) {
	if s[series] == nil {
		s[series] = map[int64]float64{}
	}
	s[series][at.UnixMilli()] = value
}

// seriesName names a series of /readings; labels are account, and of an event type,
// subtype and unit.
func seriesName(metric string, labels ...string) string {
	return strings.TrimRight(metric+" "+strings.Join(labels, " "), " ")
}

const (
	egvs  = "dexcom_egv_mg_dl"
	rates = "dexcom_egv_rate_mg_dl_per_minute"
	event = "dexcom_event_value"
)

// truth adds what the person's simulator says must be stored after a round.
func (p *patient) truth(round int, into samples) {
	for i, m := range p.measured {
		at, value, there := p.settled(i, round)
		if !there || p.began.Sub(at) >= readingsWindow {
			continue
		}
		into.put(seriesName(egvs, p.Name), at, float64(value))
		if m.api.HasRate && m.apiRound <= round {
			into.put(seriesName(rates, p.Name), at, m.api.TrendRate)
		}
	}
	for _, e := range p.diary {
		kind, subtype := eventLabels(e)
		value := e.Value
		if kind == "health" {
			value = 1
		}
		known := kind != "unknown" && kind != "notes" && e.Status != "deleted"
		if known && e.round <= round && (e.HasValue || kind == "health") {
			into.put(seriesName(event, p.Name, kind, subtype, e.Unit), e.SystemTime, value)
		}
	}
}

// eventLabels are the type and the subtype as the program names them.
func eventLabels(e entry) (kind, subtype string) {
	kind, subtype = e.Type, e.SubType
	if kind == "bloodGlucose" {
		kind = "blood_glucose"
	}
	if subtype == "" && (kind == "insulin" || kind == "exercise" || kind == "health") {
		subtype = "unknown"
	}
	return kind, subtype
}

// settled is what is known of number i after a round for good: the time and the value
// of the source that told it first, and of version 2 the smoothed value, which waits
// for the reading that comes after.
func (p *patient) settled(i, round int) (at time.Time, value int, there bool) {
	m := p.measured[i]
	switch {
	case min(m.apiRound, m.shareRound) > round:
		return time.Time{}, 0, false
	case m.shareRound < m.apiRound || p.share && m.shareRound == m.apiRound: // at a start the API waits for Share
		return m.share.SystemTime, m.share.Value, true
	case p.v2:
		return m.api.SystemTime, m.smoothed, p.tellsSmoothed(i, round)
	}
	return m.api.SystemTime, m.api.Value, true
}

// tellsSmoothed tells whether version 2 has smoothed number i: with the reading that
// comes after it.
func (p *patient) tellsSmoothed(i, round int) bool {
	return i+1 < len(p.measured) && p.measured[i+1].apiRound <= round
}

// arrivals are what the counters must say after a round: readings by range that came
// after the history, and those of them that came too late to be replayed.
func (p *patient) arrivals(round int) (arrived counts, missed int) {
	arrived = counts{}
	for i, m := range p.measured {
		first := min(m.apiRound, m.shareRound)
		if first == 0 {
			continue
		}
		if _, value, there := p.settled(i, round); there {
			arrived.add([]simulator.Reading{{Value: value}})
		}
		if first <= round && p.began.Sub(m.api.SystemTime) > p.replayLag+latestReplay {
			missed++
		}
	}
	return arrived, missed
}
