package main

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// longestSmoothing is for how long after its time a value of version 2 may change:
// the hold of everything else that cannot be taken back either.
const longestSmoothing = 6 * time.Hour

// errAnotherPerson means that the account was linked again while its past was read.
var errAnotherPerson = errors.New("the account belongs to another Dexcom user by now: begin again")

// chapter reads one window.
func (r *pastReader) chapter(ctx context.Context, window stretch) (chapter, error) {
	c := chapter{Until: window.To}
	var egvs dexcom.List[dexcom.Reading]
	err := r.ask(ctx, func() (err error) { egvs, err = r.client.EGVs(ctx, window.From, window.To, nil); return err })
	if err == nil {
		err = r.recognize(egvs.UserID)
	}
	if err != nil {
		return c, err
	}
	for _, reading := range egvs.Records {
		r.addReading(&c, window, reading)
	}
	c.LeftOut = len(egvs.Skipped)
	if len(r.kinds) == 0 {
		return c, nil
	}
	var events dexcom.List[dexcom.Event]
	// What was moved out of a window or into it is known by its latest record alone.
	from, to := window.From.Add(-leeway), window.To.Add(leeway)
	err = r.ask(ctx, func() (err error) { events, err = r.client.Events(ctx, from, to); return err })
	if err == nil {
		err = r.recognize(events.UserID)
	}
	for _, event := range events.Records {
		r.addEvent(&c, window, event)
	}
	c.LeftOut += len(events.Skipped)
	return c, err
}

func (r *pastReader) addEvent(c *chapter, window stretch, event dexcom.Event) {
	if !window.has(event.Time) || !r.has(event.Time) || !slices.Contains(r.kinds, event.Kind) {
		return
	}
	sample, ok := collector.EventSample(event)
	if !ok {
		c.LeftOut++
		return
	}
	c.Events = append(c.Events, sample)
}

func (r *pastReader) addReading(c *chapter, window stretch, reading dexcom.Reading) {
	next := pastReadingOf(reading)
	switch last := len(c.Readings) - 1; {
	case !window.has(reading.Time) || !r.has(reading.Time):
	case last >= 0 && c.Readings[last].UnixMilli == next.UnixMilli: // of those with one time the first counts
	case reading.Provisional && r.now.Sub(reading.Time) < longestSmoothing:
		c.Unsmoothed++
	default:
		c.Readings = append(c.Readings, next)
	}
}

// recognize makes sure that all of it is one person's.
func (r *pastReader) recognize(user dexcom.UserID) error {
	if r.user != "" && user != "" && user != r.user {
		return errAnotherPerson
	}
	return nil
}

func pastReadingOf(reading dexcom.Reading) pastReading {
	p := pastReading{UnixMilli: reading.Time.UnixMilli(), MgDL: thousandths(reading.MgDL)}
	if reading.HasTrendRate {
		rate := thousandths(reading.TrendRate)
		p.Rate = &rate
	}
	if !reading.DisplayTime.IsZero() {
		_, seconds := reading.DisplayTime.Zone()
		p.OffsetMinutes = seconds / 60
	}
	return p
}

// thousandths rounds as the history of the running program does, so that a sample
// that reaches Prometheus on two ways is one.
func thousandths(value float64) float64 { return math.Round(float64(float32(value))*1000) / 1000 }
