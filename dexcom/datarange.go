package dexcom

import (
	"context"
	"errors"
	"time"
)

// DataRange says from when to when Dexcom has data of each kind.
type DataRange struct {
	// UserID is Dexcom's name of the person, as in [List].
	UserID UserID

	Calibrations, EGVs, Events Span
}

// Span is from the first record's system time to the last one's, both included.
// It is zero when there is no record, and only ever half zero when Dexcom's
// answer was.
type Span struct{ Start, End time.Time }

var errNoRange = errors.New("the answer is no data range")

type wireSpan struct {
	Start struct {
		SystemTime wireTime `json:"systemTime"`
	} `json:"start"`
	End struct {
		SystemTime wireTime `json:"systemTime"`
	} `json:"end"`
}

// DataRange asks for the whole range of the person's data.
// (developer.dexcom.com/docs/dexcomv3/operation/getDataRangeV3)
func (c *Client) DataRange(ctx context.Context) (DataRange, error) {
	body, err := c.get(ctx, "dataRange", nil)
	if err != nil {
		return DataRange{}, err
	}
	var wire struct {
		RecordType   wireText `json:"recordType"`
		UserID       wireText `json:"userId"`
		Calibrations wireSpan `json:"calibrations"`
		EGVs         wireSpan `json:"egvs"`
		Events       wireSpan `json:"events"`
	}
	if err := decodeObject(body, &wire); err != nil {
		return DataRange{}, &Error{Op: "dataRange", Reason: ReasonDecode, Err: err}
	}
	// Each part may be missing, but an answer has one of these at least.
	if wire.RecordType == "" && wire.EGVs == (wireSpan{}) {
		return DataRange{}, &Error{Op: "dataRange", Reason: ReasonDecode, Err: errNoRange}
	}
	return DataRange{
		UserID:       UserID(wire.UserID),
		Calibrations: wire.Calibrations.span(),
		EGVs:         wire.EGVs.span(),
		Events:       wire.Events.span(),
	}, nil
}

func (w wireSpan) span() Span {
	return Span{Start: w.Start.SystemTime.serverTime(), End: w.End.SystemTime.serverTime()}
}
