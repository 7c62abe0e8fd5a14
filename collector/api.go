package collector

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// apiPoller keeps one account up to date from the official API. One goroutine
// runs it.
type apiPoller struct {
	account *account
	client  *dexcom.Client
	pace    pace
	keep    time.Duration // of history
	start   *start
	log     *slog.Logger

	seen                    dexcom.Seen
	arrived                 bool // had an answer or a failure
	polledOnce, historyRead bool // whether the first fetch is done
	failures                int  // in a row
	chores                  []*chore
}

// chore is a request that is made seldom, beside the readings.
type chore struct {
	name     string
	urgency  urgency
	every    time.Duration
	withNews time.Duration // when new readings arrived: after this time already; 0: no
	run      func(context.Context) error

	last     time.Time // start of the last success
	retry    time.Time // not before this after a failure
	failures int       // in a row
}

// due tells whether it is time, given whether new readings arrived.
func (c *chore) due(now time.Time, news bool) bool {
	switch since := now.Sub(c.last); {
	case now.Before(c.retry):
		return false
	case c.last.IsZero() || since >= c.every:
		return true
	default:
		return news && c.withNews > 0 && since >= c.withNews
	}
}

func newAPIPoller(a *account, client *dexcom.Client, pace pace, keep time.Duration, start *start) *apiPoller {
	p := &apiPoller{account: a, client: client, pace: pace, keep: keep, start: start, log: a.log}
	p.chores = []*chore{
		{name: "devices", urgency: soon, every: time.Hour, withNews: pace.max, run: p.readDevices},
		{name: "dataRange", urgency: soon, every: time.Hour, withNews: pace.max, run: p.readDataRange},
		{name: "history", urgency: someday, every: 24 * time.Hour, run: p.readHistory},
	}
	return p
}

// run polls until ctx is done.
func (p *apiPoller) run(ctx context.Context) {
	for ctx.Err() == nil {
		if sleep(ctx, p.round(ctx)) != nil {
			return
		}
	}
}

// round reads the newest readings, does the chores that are due, and returns how
// long to wait for the next round.
func (p *apiPoller) round(ctx context.Context) time.Duration {
	added, err := p.readNewest(ctx)
	if ctx.Err() != nil {
		return 0
	}
	wait := p.pace.afterSuccess(rand.Float64()) //nolint:gosec // spreads accounts, keeps no secret
	if err != nil {
		p.failures++
		wait = p.pace.afterFailure(p.failures, dexcom.RetryAfter(err), rand.Float64()) //nolint:gosec // as above
	} else {
		p.failures, p.polledOnce = 0, true
	}
	polled := time.Now()
	p.account.polled(SourceStatus{Name: sourceAPI, LastPoll: polled, NextPoll: polled.Add(wait)}, err)
	if !p.arrived {
		p.arrived = true
		p.start.arrived()
	}
	if err == nil && p.start.over(ctx, wait) {
		p.doChores(ctx, added > 0, polled.Add(wait))
	}
	return max(0, wait-time.Since(polled))
}

func (p *apiPoller) readNewest(ctx context.Context) (added int, err error) {
	now := time.Now()
	from, to := window(now, p.account.newestReading(now), p.keep)
	list, err := p.client.EGVs(ctx, from, to, &p.seen)
	if err != nil {
		return 0, err
	}
	return p.account.absorb(list, time.Now(), p.polledOnce), nil
}

// doChores runs what is due, and waits for budget until the next readings are.
// A chore that fails is tried again at the pace of failures and costs the others
// nothing.
func (p *apiPoller) doChores(ctx context.Context, news bool, next time.Time) {
	for _, c := range p.chores {
		start := time.Now()
		if ctx.Err() != nil || !c.due(start, news) {
			continue
		}
		err := c.run(queued(ctx, c.urgency, next))
		switch {
		case ctx.Err() != nil || errors.Is(err, errBudget):
			continue
		case err == nil:
			c.last, c.failures = start, 0
			continue
		}
		c.failures++
		c.retry = time.Now().Add(p.pace.afterFailure(c.failures, dexcom.RetryAfter(err), rand.Float64())) //nolint:gosec // spreads accounts
		level := slog.LevelDebug
		if c.failures == 1 {
			level = slog.LevelWarn
		}
		p.log.Log(ctx, level, "request failed", "service", sourceAPI, "request", c.name, "reason", dexcom.Reason(err), "err", err)
	}
}

func (p *apiPoller) readDevices(ctx context.Context) error {
	list, err := p.client.Devices(ctx)
	if err == nil {
		p.account.setDevices(list)
	}
	return err
}

func (p *apiPoller) readDataRange(ctx context.Context) error {
	ranges, err := p.client.DataRange(ctx)
	if err == nil {
		p.account.setRanges(ranges)
	}
	return err
}

// readHistory reads everything the history keeps: what phones delivered later
// than a day after the fact, and on a start what was there before.
func (p *apiPoller) readHistory(ctx context.Context) error {
	now := time.Now()
	list, err := p.client.EGVs(ctx, now.Add(-p.keep), now.Add(ahead), nil)
	if err == nil {
		p.account.absorb(list, time.Now(), p.historyRead)
		p.historyRead = true
	}
	return err
}
