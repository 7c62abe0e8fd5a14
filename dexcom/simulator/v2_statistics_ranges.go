package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// TargetRange says what is low and what is high in a part of the local day
// (targetRanges of developer.dexcom.com/post-statistics).
type TargetRange struct {
	// Start and End are shown by the clock since midnight, less than a day.
	// Start is in the range, End is not. An End that does not come after Start
	// is on the next day.
	Start, End time.Duration

	UrgentLow, Low, High float64 // mg/dL, ascending
}

func (r TargetRange) holds(clock time.Duration) bool {
	if r.Start < r.End {
		return r.Start <= clock && clock < r.End
	}
	return clock >= r.Start || clock < r.End
}

func (r TargetRange) length() time.Duration {
	if r.Start < r.End {
		return r.End - r.Start
	}
	return r.End - r.Start + 24*time.Hour
}

// targetRanges reads the body of a request for statistics. It is strict, to
// find clients that are not.
func targetRanges(body io.Reader) ([]TargetRange, error) {
	const longest = 64 << 10
	text, err := io.ReadAll(io.LimitReader(body, longest+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if len(text) > longest {
		return nil, errors.New("the body must not be larger than 64 KiB")
	}
	var request object
	if err := json.Unmarshal(text, &request); err != nil {
		return nil, fmt.Errorf("decode body: %w", err)
	}
	var list []object
	if err := request.read("targetRanges", &list); err != nil {
		return nil, err
	}
	var ranges []TargetRange
	for i, o := range list {
		r, err := o.targetRange()
		if err != nil {
			return nil, fmt.Errorf("targetRanges[%d]: %w", i, err)
		}
		ranges = append(ranges, r)
	}
	return ranges, coverDay(ranges)
}

// object is a JSON object whose keys must be spelled exactly.
type object map[string]json.RawMessage

func (o object) read(key string, to any) error {
	text, ok := o[key]
	if !ok || string(text) == "null" {
		return fmt.Errorf("%s is required", key)
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("decode %s: %w", key, err)
	}
	return nil
}

func (o object) targetRange() (TargetRange, error) {
	var r TargetRange
	var name string
	var bounds []object
	err := cmp.Or(o.read("name", &name), o.read("egvRanges", &bounds))
	if err != nil {
		return r, err
	}
	if r.Start, err = o.clock("startTime"); err != nil {
		return r, err
	}
	if r.End, err = o.clock("endTime"); err != nil {
		return r, err
	}
	err = r.bound(bounds)
	return r, err
}

// clock reads a time of day as "HH:mm:ss".
func (o object) clock(key string) (time.Duration, error) {
	var text string
	if err := o.read(key, &text); err != nil {
		return 0, err
	}
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil || t.Format(time.TimeOnly) != text {
		return 0, fmt.Errorf("%s is not a time of the form HH:mm:ss", key)
	}
	return sinceMidnight(t), nil
}

// The bounds that make sense, in mg/dL. Which ones Dexcom takes is not known; what
// is outside is likely to be in mmol/L, or a mistake.
const (
	lowestBound  = 20
	highestBound = 600
)

// bound takes over the three bounds of a range.
func (r *TargetRange) bound(bounds []object) error {
	values := make(map[string]float64)
	for i, o := range bounds {
		var name string
		var value float64
		if err := cmp.Or(o.read("name", &name), o.read("bound", &value)); err != nil {
			return fmt.Errorf("egvRanges[%d]: %w", i, err)
		}
		values[name] = value
	}
	var urgentLow, low, high bool
	r.UrgentLow, urgentLow = values["urgentLow"]
	r.Low, low = values["low"]
	r.High, high = values["high"]
	if len(bounds) != 3 || !urgentLow || !low || !high {
		return errors.New("egvRanges must be urgentLow, low and high")
	}
	if r.UrgentLow >= r.Low || r.Low >= r.High {
		return errors.New("egvRanges must ascend from urgentLow to low to high")
	}
	if r.UrgentLow < lowestBound || r.High > highestBound {
		return fmt.Errorf("egvRanges must lie within %d and %d mg/dL", lowestBound, highestBound)
	}
	return nil
}

// coverDay tells whether each time of the day lies in exactly one range.
func coverDay(ranges []TargetRange) error {
	byStart := slices.SortedFunc(slices.Values(ranges), func(a, b TargetRange) int { return cmp.Compare(a.Start, b.Start) })
	var length time.Duration
	for i, r := range byStart {
		length += r.length()
		if r.End != byStart[(i+1)%len(byStart)].Start {
			return errors.New("targetRanges must cover the day without gap or overlap")
		}
	}
	if length != 24*time.Hour {
		return errors.New("targetRanges must cover the day without gap or overlap")
	}
	return nil
}
