package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// knownPast is the readings that the program knows, and what Dexcom has of the time
// before those.
type knownPast struct {
	house   *house
	serving bool // it polls, too
}

// missing is a part of a stretch that could not be told, and why.
type missing struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Why  string    `json:"why"`
}

func (p knownPast) read(ctx context.Context, s stretch, take func(chapter) error) error {
	person := p.house.collector.Person(s.Account)
	known := p.house.collector.Readings(s.Account, s.From, s.To)
	before := s
	if len(known) > 0 {
		// Both sources may have the oldest one, at times that differ.
		const apart = 150 * time.Second
		before.To = known[0].Time.Add(-apart)
	}
	told := before.From // until when
	err := p.readBefore(ctx, before, func(c chapter) error {
		if c.Until.After(told) {
			told = c.Until
		}
		return take(c)
	})
	if p.house.collector.Person(s.Account) != person || errors.Is(err, errAnotherPerson) {
		return fmt.Errorf("%s: %w", s.Account, errAnotherPerson) // and what is known is not this person's
	}
	switch {
	case len(known) == 0 && p.serving && errors.Is(err, errOnlyShare):
		return fmt.Errorf("the running program has no readings of account %q in these days: its card on the status page, and the command check, say why", s.Account)
	case err != nil && (len(known) == 0 || ctx.Err() != nil):
		return err
	}
	if err != nil {
		if err := take(chapter{Missing: &missing{told, before.To, err.Error()}}); err != nil {
			return err
		}
	}
	rest := chapter{Until: s.To, Readings: make([]pastReading, 0, len(known))}
	for _, reading := range known {
		rest.Readings = append(rest.Readings, pastReading{
			UnixMilli: reading.Time.UnixMilli(), MgDL: reading.MgDL, OffsetMinutes: int(reading.UTCOffset.Minutes()),
		})
	}
	return take(rest)
}

// readBefore asks Dexcom, if there is anything to ask for.
func (p knownPast) readBefore(ctx context.Context, s stretch, take func(chapter) error) error {
	if !s.From.Before(s.To) {
		return nil
	}
	reader, err := p.house.pastReader(s)
	if err != nil {
		return err
	}
	if p.house.collector.Mismatched(s.Account) {
		return fmt.Errorf("account %q has two sources that are not the same person: see docs/share.md", s.Account)
	}
	reader.kinds, reader.take = nil, take
	return reader.read(collector.Someday(ctx))
}
