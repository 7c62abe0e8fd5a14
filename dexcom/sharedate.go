package dexcom

import (
	"strconv"
	"strings"
	"time"
)

// parseShareDate reads a time as Share writes it: "Date(1738861955438-0400)", with
// slashes around it in older answers. The number is milliseconds of Unix time
// whatever the offset, which only tells the clock that the person saw; zoned tells
// whether it was there (clients).
func parseShareDate(text string) (t time.Time, zoned, ok bool) {
	inner, opened := strings.CutPrefix(strings.Trim(strings.TrimSpace(text), "/"), "Date(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !opened || !closed {
		return time.Time{}, false, false
	}
	var offset time.Duration
	if i := strings.LastIndexAny(inner, "+-"); i > 0 { // a sign in front is of the number
		_, offset, zoned, ok = cutOffset(inner[i:])
		if !ok || len(inner)-i != len("+hhmm") {
			return time.Time{}, false, false
		}
		inner = inner[:i]
	}
	ms, err := strconv.ParseInt(inner, 10, 64)
	t = time.UnixMilli(ms).In(time.FixedZone("", int(offset/time.Second)))
	if err != nil || strings.HasPrefix(inner, "+") || t.Year() < 1 || t.Year() > 9998 {
		return time.Time{}, false, false
	}
	return t, zoned, true
}

// wireShareTime is a time field of Share that may be null, absent or malformed.
type wireShareTime struct{ wireTime }

// UnmarshalJSON never fails: what is no time is not ok.
func (t *wireShareTime) UnmarshalJSON(raw []byte) error {
	t.wireTime = wireTime{}
	var text wireText
	if raw[0] == '"' && text.UnmarshalJSON(raw) == nil {
		t.time, t.zoned, t.ok = parseShareDate(string(text))
	}
	return nil
}
