package collector

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// source is one way to a person's readings, as a poller asks it.
type source interface {
	// read asks for the newest readings once and tells how many were new.
	read(ctx context.Context) (added int, err error)
	// pause is how long to wait after an answer.
	pause(now time.Time) time.Duration
	// answered is told of each answer, and whether it brought new readings.
	answered(news bool)
	// beside works beside the polls until ctx is done.
	beside(ctx context.Context)
}

// poller asks one source of one account again and again.
type poller struct {
	account *account
	name    string // of the source
	source  source
	job     job
	resting time.Time // no poll before: a poller before this one asked the same client; may be zero
	start   *start    // nil: nobody waits for its first answer
	demand  *demand
	tenure  tenure

	arrived  bool // had an answer or a failure
	failures int  // in a row
}

// job is what a poller does. Two with an equal job do the same.
type job struct {
	client   any // whom it asks
	pace     pace
	onScrape bool
	special  any // what only its source knows; comparable
}

func newPoller(a *account, name string, job job) *poller {
	return &poller{account: a, name: name, job: job, demand: newDemand()}
}

// run polls until ctx is done or the poller is not wanted any more.
func (p *poller) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.demand.end()
	defer p.arrive()
	if !p.tenure.begin(cancel) {
		return
	}
	var working sync.WaitGroup
	defer working.Wait()
	working.Go(func() { p.source.beside(ctx) })
	first := time.Until(p.resting)
	if p.job.onScrape {
		p.demand.rest(p.resting)
		first = never
	}
	if first > 0 {
		p.demand.wait(ctx, first, func() time.Duration { return time.Until(p.resting) })
	}
	for ctx.Err() == nil {
		wait := p.poll(ctx)
		p.demand.met(time.Now().Add(wait))
		if p.job.onScrape {
			wait = never
		}
		p.demand.wait(ctx, wait, p.replanned)
	}
}

// never is longer than any program runs.
const never = time.Duration(math.MaxInt64)

// poll reads the newest readings once and returns how long to wait for the next
// time.
func (p *poller) poll(ctx context.Context) time.Duration {
	wanted := p.demand.begin()
	added, err := p.source.read(ctx)
	if ctx.Err() != nil {
		return 0
	}
	p.failures++
	if err == nil {
		p.failures = 0
		p.source.answered(added > 0)
	}
	now := time.Now()
	wait := p.waitAfter(err, now, wanted)
	p.account.polled(SourceStatus{Name: p.name, LastPoll: now, NextPoll: now.Add(wait)}, err)
	p.arrive()
	return wait
}

// replanned is how long to wait for a poll that is waited for, once its source knows
// more. What failed keeps its distance.
func (p *poller) replanned() time.Duration {
	if p.job.onScrape {
		return never
	}
	now, to := time.Now(), p.account.next(p.name)
	if p.failures == 0 {
		to = now.Add(p.source.pause(now))
		p.account.moved(p.name, to)
	}
	return to.Sub(now)
}

// waitAfter is how long to wait after a poll that somebody wanted at a time.
func (p *poller) waitAfter(err error, now, wanted time.Time) time.Duration {
	switch {
	case err != nil:
		luck := rand.Float64() //nolint:gosec // spreads accounts, keeps no secret
		return p.job.pace.afterFailure(p.failures, dexcom.RetryAfter(err), luck)
	case p.job.onScrape:
		return max(0, p.job.pace.min-now.Sub(wanted)) // scrapes have a rhythm of their own
	}
	return p.source.pause(now)
}

// arrive tells the others of the app, once, that this account has had its turn.
func (p *poller) arrive() {
	if !p.arrived && p.start != nil {
		p.start.arrived()
	}
	p.arrived = true
}
