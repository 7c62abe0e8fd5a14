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
	first   urgency = iota // tokens, without which nothing else goes
	urgent                 // new readings
	next                   // uploads, which say when to ask for readings
	soon                   // ranges and events
	someday                // history
)

// burst is how many calls may go out at once.
const burst = 20

// assured is of how many calls one at least is of each of the less urgent kinds, however
// many more urgent ones there are: what never came would be lost.
const assured = 20

// errBudget is a call that was put off, not one that failed.
var errBudget = errors.New("the app's budget of calls is short: put off")

// limiter keeps the calls of all accounts of one app within its calls an hour.
type limiter struct {
	rate *rate.Limiter
	// doors has one for each urgency: who holds it is the next one of those to go, and
	// who waits for it is let in by turns. So nobody starves, however many there are.
	doors  [someday + 1]chan struct{}
	went   [someday + 1]time.Time // by urgency: when the last call went; of who holds the door
	waited prometheus.Counter
}

func newLimiter(callsPerHour int, waited prometheus.Counter) *limiter {
	l := &limiter{rate: rate.NewLimiter(perSecond(callsPerHour), burst), waited: waited}
	for u := range l.doors {
		l.doors[u], l.went[u] = make(chan struct{}, 1), time.Now()
	}
	return l
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
	place, placed := ctx.Value(queueKey{}).(queue)
	if !placed {
		place.urgency = urgent
	}
	if err := l.enter(ctx, place); err != nil {
		return err
	}
	defer func() { <-l.doors[place.urgency] }()
	for place.impatient() {
		short := min(l.short(place), l.turn(place.urgency))
		if short <= 0 {
			break
		}
		if !time.Now().Before(place.patience) {
			return errBudget
		}
		if err := sleep(ctx, short); err != nil {
			return err
		}
	}
	l.went[place.urgency] = time.Now()
	return l.rate.Wait(ctx)
}

// turn is how long to wait until one of an urgency goes in any case.
func (l *limiter) turn(u urgency) time.Duration {
	return time.Until(l.went[u].Add(time.Duration(assured / float64(l.rate.Limit()) * float64(time.Second))))
}

// short is how long to wait at least until what the more urgent calls leave is enough for
// this one; 0 when it is. It is exact, so that those take what is there before it comes.
func (l *limiter) short(place queue) time.Duration {
	reserve := float64(place.urgency-urgent) * burst / 6
	lacking := reserve + 1 - l.rate.Tokens()
	if lacking <= 0 {
		return 0
	}
	seconds := lacking/float64(l.rate.Limit()) + 0.001           // rounding must not wake it in vain
	return time.Duration(min(seconds, 1) * float64(time.Second)) // the limit may change
}

// enter blocks until the call is the next one of its urgency.
func (l *limiter) enter(ctx context.Context, place queue) error {
	var over <-chan time.Time
	if place.impatient() {
		timer := time.NewTimer(time.Until(place.patience))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case l.doors[place.urgency] <- struct{}{}:
		return nil
	case <-over:
		return errBudget
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// queue is a place among the calls that wait for budget.
type queue struct {
	urgency  urgency
	patience time.Time // when the less urgent give up
}

// impatient tells whether the call leaves budget to others, and gives up in the end.
func (q queue) impatient() bool { return q.urgency > urgent }

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
