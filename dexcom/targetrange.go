package dexcom

import (
	"encoding/json"
	"time"
)

// TargetRange is what [Client.Statistics] counts as low and high at a time of day.
// (developer.dexcom.com/post-statistics)
type TargetRange struct {
	Name string
	// Start and End are counted from local midnight. A range whose end is not after
	// its start runs past midnight; a day later is the same time of day.
	Start, End time.Duration
	// UrgentLow < Low < High, in mg/dL.
	UrgentLow, Low, High float64
}

type wireTargetRange struct {
	Name      string      `json:"name"`
	StartTime string      `json:"startTime"`
	EndTime   string      `json:"endTime"`
	EGVRanges []wireBound `json:"egvRanges"`
}

type wireBound struct {
	Name  string  `json:"name"`
	Bound float64 `json:"bound"`
}

// encodeTargetRanges is the body that asks for statistics.
func encodeTargetRanges(ranges []TargetRange) ([]byte, error) {
	wire := make([]wireTargetRange, 0, len(ranges))
	for _, r := range ranges {
		wire = append(wire, wireTargetRange{
			Name:      r.Name,
			StartTime: writeTimeOfDay(r.Start),
			EndTime:   writeTimeOfDay(r.End),
			EGVRanges: []wireBound{{"urgentLow", r.UrgentLow}, {"low", r.Low}, {"high", r.High}},
		})
	}
	return json.Marshal(map[string][]wireTargetRange{"targetRanges": wire})
}

// writeTimeOfDay writes the time since midnight as "07:00:00".
func writeTimeOfDay(sinceMidnight time.Duration) string {
	return time.Unix(0, 0).UTC().Add(sinceMidnight).Format(time.TimeOnly)
}
