package dexcom

import (
	"context"
	"math"
	"strings"
	"time"
)

// wireEGV is a record of GET /v3/users/self/egvs.
type wireEGV struct {
	RecordID                     wireText   `json:"recordId"`
	SystemTime                   wireTime   `json:"systemTime"`
	DisplayTime                  wireTime   `json:"displayTime"`
	TransmitterTicks             wireNumber `json:"transmitterTicks"`
	Value                        wireNumber `json:"value"`
	Status                       wireText   `json:"status"`
	Trend                        wireText   `json:"trend"`
	TrendRate                    wireNumber `json:"trendRate"`
	Unit                         wireText   `json:"unit"`
	RateUnit                     wireText   `json:"rateUnit"`
	TransmitterGeneration        wireText   `json:"transmitterGeneration"`
	TransmitterGenerationVariant wireText   `json:"transmitterGenerationVariant"`
}

// EGVs reads the estimated glucose values with from <= system time < to, both
// widened to whole seconds, oldest first, one request for every 30 days of it (90
// in version 2). When one of them fails the answer is that error and no records.
// Records that the answer before had, to the letter, are left out when seen is
// given. Several readings may have one time, and one may be there twice.
// (developer.dexcom.com/docs/dexcomv3/operation/getEstimatedGlucoseValuesV3)
// (developer.dexcom.com/docs/dexcomv2/operation/getEstimatedGlucoseValuesV2)
func (c *Client) EGVs(ctx context.Context, from, to time.Time, seen *Seen) (List[Reading], error) {
	list, err := fetchWindows(ctx, c, "egvs", from, to, func(version Version, body []byte) (List[Reading], error) {
		return decodeEGVs(version, body, seen)
	})
	if err != nil {
		return list, err
	}
	seen.replace(list.hashes)
	oldestFirst(list.Records, func(r Reading) (time.Time, string) { return r.Time, r.ID })
	return list, nil
}

func decodeEGVs(version Version, body []byte, seen *Seen) (List[Reading], error) {
	if version == V2 {
		return decodeList(body, version.listKey("egvs"), seen, unitsOf(body).parse)
	}
	return decodeList(body, version.listKey("egvs"), seen, parseEGV)
}

func parseEGV(w wireEGV) (Reading, string) {
	systemTime, ok := w.SystemTime.systemTime()
	if !ok {
		return Reading{}, SkipTime
	}
	mgdl, ok := glucose(w.Value, string(w.Unit), string(w.Status))
	if !ok {
		return Reading{}, SkipValue
	}
	r := Reading{
		ID:             string(w.RecordID),
		Time:           systemTime,
		MgDL:           mgdl,
		Trend:          ParseTrend(string(w.Trend)),
		Generation:     ParseGeneration(string(w.TransmitterGeneration), string(w.TransmitterGenerationVariant)),
		TransmitterAge: transmitterAge(w.TransmitterTicks),
	}
	r.TrendRate, r.HasTrendRate = trendRate(w.TrendRate, string(w.RateUnit))
	if w.DisplayTime.ok {
		r.DisplayTime = displayTime(systemTime, w.DisplayTime.time, w.DisplayTime.zoned)
	}
	return r, ""
}

// glucose turns a value into mg/dL and pins what the sensor cannot measure to
// LOW and HIGH. The value decides; the status only stands in for a missing one
// (clients: values below 39 occur, statuses are unreliable).
func glucose(value wireNumber, unit, status string) (mgdl float64, ok bool) {
	mgdl = inMgDL(value.value, unit)
	switch {
	case !value.ok && strings.EqualFold(status, "low"):
		return LowMgDL, true
	case !value.ok && strings.EqualFold(status, "high"):
		return HighMgDL, true
	case !value.ok || mgdl <= 0 || mgdl > 1000: // no sensor, and no person
		return 0, false
	case mgdl < LowMgDL+1:
		return LowMgDL, true
	case mgdl > HighMgDL-1:
		return HighMgDL, true
	}
	return mgdl, true
}

// inMgDL gives a glucose value in mg/dL; what was mmol/L is rounded to a thousandth.
func inMgDL(value float64, unit string) float64 {
	if isMmol(unit) {
		return math.Round(value*MgDLPerMmolL*1000) / 1000
	}
	return value
}

func isMmol(unit string) bool {
	return strings.HasPrefix(strings.ToLower(unit), "mmol/l")
}

// trendRate gives mg/dL per minute. A rate that no body can have is none.
func trendRate(rate wireNumber, unit string) (float64, bool) {
	value := rate.value
	if isMmol(unit) {
		value *= MgDLPerMmolL
	}
	if !rate.ok || math.Abs(value) > SteepestTrendRate {
		return 0, false
	}
	return value, true
}

// transmitterAge reads ticks, which are seconds since the transmitter started.
// No transmitter lives longer than 100 days; Dexcom's own sample has 2,293 years.
func transmitterAge(ticks wireNumber) time.Duration {
	const most = 100 * 24 * time.Hour
	if !ticks.ok || ticks.value <= 0 || ticks.value > most.Seconds() {
		return 0
	}
	return time.Duration(ticks.value * float64(time.Second))
}
