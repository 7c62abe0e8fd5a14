package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// liveHead is the time that Prometheus keeps in memory and in its log, and some
// more: blocks that reach into it cost live data of all series at its next restart.
const liveHead = 4 * time.Hour

// stretch is a part of one account's past, with From <= time < To.
type stretch struct {
	Account string    `json:"account"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

// has tells whether a time lies in the stretch.
func (s stretch) has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// stretchFlags are the flags that say which part of the past is wanted.
type stretchFlags struct {
	from, to *string
	unsafe   *bool
}

// read makes times of the flags, and refuses those that make no sense.
func (f stretchFlags) read(now time.Time) (from, to time.Time, err error) {
	latest := now.Add(-liveHead)
	if *f.unsafe {
		latest = now
	}
	if from, err = timeOf(*f.from, now); err != nil {
		return from, to, fmt.Errorf("--from: %w", err)
	}
	to = latest
	if *f.to != "" {
		if to, err = timeOf(*f.to, now); err != nil {
			return from, to, fmt.Errorf("--to: %w", err)
		}
	}
	switch {
	case to.After(latest) && !*f.unsafe:
		return from, to, errors.New("--to: blocks that reach into the last 4 hours cost Prometheus live data: end it at 4h (ago) or before, or add --unsafe-until-now")
	case !from.Before(to):
		return from, to, fmt.Errorf("--from: %s is not before the end, %s: choose an earlier --from or a later --to", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return from, to, nil
}

// timeOf reads a time, a date, which is midnight in UTC, or how long ago it was.
func timeOf(text string, now time.Time) (time.Time, error) {
	at, err := parseMoment(text, now)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("%q is no time: write 2026-01-31, 2026-01-31T08:00:00Z or, for so long ago, 90d", text)
	case at.After(now):
		return time.Time{}, fmt.Errorf("%s lies in the future", text)
	case at.Year() < 2000:
		return time.Time{}, fmt.Errorf("%s is before 2000, when nobody had readings: 2000-01-01 is all there is", text)
	}
	return at, nil
}

func parseMoment(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	ago, err := model.ParseDuration(text)
	return now.Add(-time.Duration(ago)).UTC().Truncate(time.Second), err
}
