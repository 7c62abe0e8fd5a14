package main

import (
	"context"
	"errors"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// past is what Dexcom knows of accounts: asked here, or by the program that runs.
type past interface {
	// read gives a stretch of an account's past to take, oldest first, and ends with
	// take's error. Without an error it was given whole.
	read(ctx context.Context, s stretch, take func(chapter) error) error
}

// chapter is the next part of a stretch.
type chapter struct {
	// Begins and Ends are where there is anything in the stretch at all; the first
	// chapter alone has them.
	Begins time.Time `json:"begins,omitzero"`
	Ends   time.Time `json:"ends,omitzero"`
	// Until is up to when everything was given by now.
	Until time.Time `json:"until,omitzero"`

	Readings []pastReading      `json:"readings,omitempty"`
	Events   []collector.Sample `json:"events,omitempty"`

	LeftOut    int `json:"left_out,omitempty"`   // records without a time or a value that can be
	Unsmoothed int `json:"unsmoothed,omitempty"` // readings left out because Dexcom may still change them
	// Missing is what of the stretch cannot be told; nil is nothing.
	Missing *missing `json:"missing,omitempty"`
	// Waits says why the next chapter takes a while.
	Waits string `json:"waits,omitempty"`
}

// pastReading is a reading as it leaves the program.
type pastReading struct {
	UnixMilli int64    `json:"t"`
	MgDL      float64  `json:"v"`
	Rate      *float64 `json:"r,omitempty"` // in mg/dL per minute
	// OffsetMinutes is what the clock that the person saw is ahead of UTC; 0 when
	// nobody knows.
	OffsetMinutes int `json:"o,omitempty"`
}

// localPast asks Dexcom from this process.
type localPast struct{ house *house }

func (p localPast) read(ctx context.Context, s stretch, take func(chapter) error) error {
	reader, err := p.house.pastReader(s)
	if err != nil {
		return err
	}
	reader.take = take
	return reader.read(collector.Someday(ctx))
}

// pastReader prepares to read an account's past, as the plan is now.
func (h *house) pastReader(s stretch) (*pastReader, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, account := range h.plan.accounts {
		if account.name != s.Account {
			continue
		}
		api := h.ways[account.name].api
		if api == nil {
			return nil, onlyShare(account.name)
		}
		kinds := make([]string, 0, len(account.events))
		for _, kind := range account.events {
			if kind != "notes" { // never leave the program, whatever is configured
				kinds = append(kinds, kind)
			}
		}
		return &pastReader{
			stretch: s, client: api.Client, version: api.Version, kinds: kinds, now: time.Now(),
		}, nil
	}
	return nil, errors.New("the running program does not know the account " + s.Account + ": reload or restart it")
}

// pastReader reads one stretch.
type pastReader struct {
	stretch

	client  *dexcom.Client
	version dexcom.Version
	kinds   []string  // of events that may leave the program
	now     time.Time // when it began
	take    func(chapter) error

	user dexcom.UserID // whose past it is, once that is known
}

func (r *pastReader) read(ctx context.Context) error {
	var ranges dexcom.DataRange
	err := r.ask(ctx, func() (err error) { ranges, err = r.client.DataRange(ctx); return err })
	if err != nil {
		return r.missing(r.From, err)
	}
	r.user = ranges.UserID
	begins, ends := r.within(ranges)
	if err := r.take(chapter{Begins: begins, Ends: ends, Until: begins}); err != nil {
		return err
	}
	for from := begins; from.Before(ends); {
		to := from.Add(r.window())
		if to.After(ends) {
			to = ends
		}
		c, err := r.chapter(ctx, stretch{From: from, To: to})
		if err != nil {
			return r.missing(from, err)
		}
		if err := r.take(c); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// leeway is how far around the data range is read, in case it lags behind, and how
// far an event's own time may be moved by those who correct it.
const leeway = 24 * time.Hour

// window is so long that it is one request with the leeway around it.
func (r *pastReader) window() time.Duration {
	const day = 24 * time.Hour
	longest := 30 * day // developer.dexcom.com/docs/dexcomv3/endpoint-overview, clients
	if r.version == dexcom.V2 {
		longest = 90 * day // developer.dexcom.com/docs/dexcomv2/endpoint-overview
	}
	return longest - 2*leeway
}

// within is the part of the stretch in which Dexcom has anything. An end of the
// data that is not known is no end.
func (r *pastReader) within(ranges dexcom.DataRange) (begins, ends time.Time) {
	spans := []dexcom.Span{ranges.EGVs}
	if len(r.kinds) > 0 {
		spans = append(spans, ranges.Events)
	}
	begins, ends = r.To, r.From
	for _, span := range spans {
		from, to := r.From, r.To
		if span == (dexcom.Span{}) {
			continue
		}
		if start := span.Start.Add(-leeway); !span.Start.IsZero() && start.After(from) {
			from = start
		}
		if end := span.End.Add(leeway); !span.End.IsZero() && !span.Ahead && end.Before(to) {
			to = end
		}
		if from.Before(begins) {
			begins = from
		}
		if to.After(ends) {
			ends = to
		}
	}
	if ends.Before(begins) {
		ends = begins
	}
	return begins, ends
}
