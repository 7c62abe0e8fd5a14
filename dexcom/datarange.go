package dexcom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"
)

// DataRange says from when to when Dexcom has data of each kind.
type DataRange struct {
	// UserID is Dexcom's name of the person, as in [List]; empty in version 2.
	UserID UserID

	Calibrations, EGVs, Events Span
}

// Span is from the first record's system time to the last one's, both included.
// It is zero when there is no record.
type Span struct {
	// Start and End are zero where Dexcom's answer has no time, or one that cannot
	// be: before 2006, or more than a day ahead.
	Start, End time.Time
	// Ahead says that one of them was left out because it is more than a day ahead
	// of our clock: the clock of the person's device is wrong, or ours.
	Ahead bool
}

var errNoRange = errors.New("the answer is no data range")

// wireDataRange is the answer of GET /v3/users/self/dataRange, or of version 2,
// which has no type and no user. A span is null when there is no record of its kind.
type wireDataRange struct {
	RecordType   wireText        `json:"recordType"`
	UserID       wireUser        `json:"userId"`
	Calibrations json.RawMessage `json:"calibrations"`
	EGVs         json.RawMessage `json:"egvs"`
	Events       json.RawMessage `json:"events"`
}

// DataRange asks for the whole range of the person's data.
// (developer.dexcom.com/docs/dexcomv3/operation/getDataRangeV3)
// (developer.dexcom.com/docs/dexcomv2/operation/getDataRange)
func (c *Client) DataRange(ctx context.Context) (DataRange, error) {
	body, err := c.get(ctx, "dataRange", nil)
	if err != nil {
		return DataRange{}, err
	}
	ranges, err := decodeDataRange(c.version, body)
	if err != nil {
		return DataRange{}, &Error{Op: "dataRange", Reason: ReasonDecode, Err: err}
	}
	return ranges, nil
}

func decodeDataRange(version Version, body []byte) (DataRange, error) {
	var wire wireDataRange
	if err := decodeObject(body, &wire); err != nil {
		return DataRange{}, err
	}
	if !wire.isRange(version) {
		return DataRange{}, errNoRange
	}
	return DataRange{
		UserID:       UserID(wire.UserID),
		Calibrations: parseSpan(wire.Calibrations),
		EGVs:         parseSpan(wire.EGVs),
		Events:       parseSpan(wire.Events),
	}, nil
}

// isRange tells an answer from any other object. Each part may be missing in
// version 3, each span null in both, but something that names it is there.
func (w wireDataRange) isRange(version Version) bool {
	if version == V2 {
		return w.Calibrations != nil || w.EGVs != nil || w.Events != nil
	}
	return w.RecordType != "" || bytes.HasPrefix(w.EGVs, []byte("{"))
}

// parseSpan never fails: what is no span is zero.
func parseSpan(raw json.RawMessage) Span {
	var wire struct {
		Start struct {
			SystemTime wireTime `json:"systemTime"`
		} `json:"start"`
		End struct {
			SystemTime wireTime `json:"systemTime"`
		} `json:"end"`
	}
	_ = json.Unmarshal(raw, &wire)
	start, startAhead := wire.Start.SystemTime.pastTime()
	end, endAhead := wire.End.SystemTime.pastTime()
	return Span{Start: start, End: end, Ahead: startAhead || endAhead}
}
