package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// v3Window is the longest stretch that one v3 request may ask for.
const v3Window = 30 * 24 * time.Hour

// window reads startDate and endDate, in UTC. The start is part of the window,
// the end is not (developer.dexcom.com/docs/dexcomv3/endpoint-overview).
func window(query url.Values, longest time.Duration) (start, end time.Time, err error) {
	if start, err = date(query, "startDate"); err != nil {
		return start, end, err
	}
	if end, err = date(query, "endDate"); err != nil {
		return start, end, err
	}
	if !end.After(start) {
		return start, end, errors.New("endDate must be after startDate")
	}
	if end.Sub(start) > longest {
		return start, end, fmt.Errorf("startDate and endDate must not span more than %d days", longest/(24*time.Hour))
	}
	return start, end, nil
}

// date reads a time as all of Dexcom's examples have it: ISO 8601 in UTC, to the
// millisecond at most, with no zone, not even a Z. It is strict, to find clients
// that are not.
func date(query url.Values, name string) (time.Time, error) {
	const layout = "2006-01-02T15:04:05"
	text := query.Get(name)
	if text == "" {
		return time.Time{}, fmt.Errorf("%s is required", name)
	}
	for _, exact := range []string{"", ".0", ".00", ".000"} {
		t, err := time.Parse(layout+exact, text)
		if err == nil && t.Format(layout+exact) == text {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a date of ISO 8601 in UTC without a zone", name)
}

// lastSyncTime reads the optional parameter of dataRange; zero is absent.
// Unlike the dates above it needs a zone, as only clients know.
func lastSyncTime(query url.Values) (time.Time, error) {
	text := query.Get("lastSyncTime")
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("lastSyncTime is not a date of ISO 8601 with a zone")
	}
	return t, nil
}
