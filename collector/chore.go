package collector

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// chore is a request that is made seldom, beside the readings.
type chore struct {
	name     string
	urgency  urgency
	every    time.Duration
	withNews time.Duration // when new readings arrived: after this time already; 0: no
	run      func(context.Context) error

	retry    time.Time // not before this after a failure
	failures int       // in a row
}

// due tells whether it is time, given when it succeeded last (zero: never) and
// whether new readings arrived.
func (c *chore) due(now, last time.Time, news bool) bool {
	switch since := now.Sub(last); {
	case now.Before(c.retry):
		return false
	case last.IsZero() || since >= c.every:
		return true
	default:
		return news && c.withNews > 0 && since >= c.withNews
	}
}

// do runs the chore, tells whether it succeeded, and says at the first failure of
// several what is wrong. One that fails is tried again at the pace of failures.
// One that the app's budget puts off is not a failure.
func (c *chore) do(ctx context.Context, pace pace, log *slog.Logger) (done, putOff bool) {
	start := time.Now()
	err := c.run(queued(ctx, c.urgency, start.Add(usual)))
	switch {
	case ctx.Err() != nil:
		return false, false
	case errors.Is(err, errBudget):
		return false, true
	case err == nil:
		c.failures = 0
		return true, false
	}
	c.failures++
	c.retry = time.Now().Add(pace.afterFailure(c.failures, dexcom.RetryAfter(err), rand.Float64())) //nolint:gosec // spreads accounts
	level := slog.LevelDebug
	if c.failures == 1 {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "request failed", "service", sourceAPI, "request", c.name, "reason", dexcom.Reason(err), "err", err)
	return false, false
}
