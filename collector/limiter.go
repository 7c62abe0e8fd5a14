package collector

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// urgency says which calls go first when an app's budget is short.
type urgency int

const (
	urgent  urgency = iota // new readings
	soon                   // devices and ranges
	someday                // history
)

// burst is how many calls may go out at once.
const burst = 20

// errBudget is a call that was put off, not one that failed.
var errBudget = errors.New("the app's budget of calls is short: put off")

// limiter keeps the calls of all accounts of one app within its calls an hour.
type limiter struct {
	rate   *rate.Limiter
	waited prometheus.Counter
}

func newLimiter(callsPerHour int, waited prometheus.Counter) *limiter {
	return &limiter{rate: rate.NewLimiter(perSecond(callsPerHour), burst), waited: waited}
}

// set changes the limit.
func (l *limiter) set(callsPerHour int) { l.rate.SetLimit(perSecond(callsPerHour)) }

func perSecond(callsPerHour int) rate.Limit {
	return rate.Limit(float64(callsPerHour) / time.Hour.Seconds())
}

// wait blocks until the call may go out. Calls that nobody queued otherwise go as
// soon as there is budget, in order; the less urgent leave a part of the burst to
// those, and give up with errBudget when their patience ends.
func (l *limiter) wait(ctx context.Context) error {
	start := time.Now()
	defer func() { l.waited.Add(time.Since(start).Seconds()) }()
	place, _ := ctx.Value(queueKey{}).(queue)
	reserve := float64(place.urgency) * burst / 4
	for place.urgency != urgent && l.rate.Tokens() < reserve+1 {
		if !time.Now().Before(place.patience) {
			return errBudget
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return l.rate.Wait(ctx)
}

// queue is a place among the calls that wait for budget.
type queue struct {
	urgency  urgency
	patience time.Time // when to give up
}

type queueKey struct{}

// queued gives the calls made under ctx a place in the queue.
func queued(ctx context.Context, u urgency, patience time.Time) context.Context {
	return context.WithValue(ctx, queueKey{}, queue{u, patience})
}

// Someday gives the calls made under ctx the last place in their app's queue: they
// use what nobody's polls need, and wait for it as long as ctx lives.
func Someday(ctx context.Context) context.Context {
	return queued(ctx, someday, time.Now().Add(never))
}

// sleep returns early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
