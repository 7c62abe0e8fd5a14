package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// wireShareReading is a record of ReadPublisherLatestGlucoseValues (clients).
type wireShareReading struct {
	WT    wireShareTime `json:"WT"` // the one that clients trust most
	DT    wireShareTime `json:"DT"` // the one with the offset of the person's clock
	ST    wireShareTime `json:"ST"` // ran an hour ahead in 2015
	Value wireNumber    `json:"Value"`
	Trend wireText      `json:"Trend"`
}

func (w wireShareReading) reading() (Reading, string) {
	measured, ok := w.time().systemTime()
	if !ok {
		return Reading{}, SkipTime
	}
	mgdl, ok := glucose(w.Value, "mg/dL", "")
	// Below LOW are the error codes of receivers, such as 5: not calibrated (clients).
	if !ok || w.Value.value < LowMgDL {
		return Reading{}, SkipValue
	}
	r := Reading{Time: measured.Truncate(time.Second), MgDL: mgdl, Trend: shareTrend(string(w.Trend))}
	if w.DT.ok && w.DT.zoned {
		r.DisplayTime = displayTime(r.Time, w.DT.time, true)
	}
	return r, ""
}

// time is the first time of the record that can be read.
func (w wireShareReading) time() wireTime {
	for _, t := range []wireShareTime{w.WT, w.DT, w.ST} {
		if t.ok {
			return t.wireTime
		}
	}
	return wireTime{}
}

// shareTrend reads an arrow's name, or its number: Share sent numbers until
// November 2021, and they are those of [Trend] (clients).
func shareTrend(text string) Trend {
	if n, isNumber := digits(text, int(RateOutOfRange)); isNumber {
		return Trend(n) //nolint:gosec // at most RateOutOfRange
	}
	return ParseTrend(text)
}

// decodeShareReadings reads the list that Share answers with, oldest first. What
// has the second and the value of another one is that one.
func decodeShareReadings(body []byte) (List[Reading], error) {
	var list List[Reading]
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := eachRecord(decoder, func(raw []byte) {
		list.add(raw, nil, func() (Reading, string) { return decodeRecord(raw, wireShareReading.reading) })
	})
	switch {
	case isDecoding(err):
		return List[Reading]{}, err
	case err != nil || trailing(decoder):
		return List[Reading]{}, notJSON(body)
	}
	type identity struct {
		second int64
		mgdl   float64
	}
	list.Records = once(list.Records, func(r Reading) identity { return identity{r.Time.Unix(), r.MgDL} })
	oldestFirst(list.Records, func(r Reading) (time.Time, string) { return r.Time, r.ID })
	return list, nil
}

var errNoServerTime = errors.New("the answer holds no time")

// decodeShareClock reads the answer of SystemUtcTime, seen in 2015 as an object with
// a DateTime (clients): a time by itself, and one in ISO 8601, are taken too.
func decodeShareClock(body []byte) (time.Time, error) {
	var text wireText
	var wire struct {
		DateTime wireText `json:"DateTime"`
	}
	switch {
	case !json.Valid(body):
		return time.Time{}, notJSON(body)
	case json.Unmarshal(body, &wire) == nil:
		text = wire.DateTime
	default:
		_ = json.Unmarshal(body, &text) // never fails
	}
	t, _, ok := parseShareDate(string(text))
	if !ok {
		t, _, ok = parseTime(string(text))
	}
	if !ok || t.Year() < 2006 {
		return time.Time{}, errNoServerTime
	}
	return t.UTC(), nil
}
