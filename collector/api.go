package collector

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// apiPoller keeps one account up to date from the official API: the readings in
// one goroutine, everything else in another, so that nothing delays the readings.
type apiPoller struct {
	account *account
	client  *dexcom.Client
	pace    pace
	keep    time.Duration // of history
	start   *start
	// polled has a value after each successful poll: whether readings were new.
	polled chan bool
	now    chan struct{} // has a value when somebody wants a poll at once

	// The goroutine of the readings.
	person     int // whose readings it read last
	seen       dexcom.Seen
	arrived    bool // had an answer or a failure
	polledOnce bool // had an answer
	failures   int  // in a row

	// The other goroutine.
	choresFor   int // whose chores it did last
	chores      []*chore
	historyRead bool // once
}

func newAPIPoller(a *account, client *dexcom.Client, pace pace, keep time.Duration, start *start) *apiPoller {
	start.expect()
	p := &apiPoller{account: a, client: client, pace: pace, keep: keep, start: start, polled: make(chan bool, 1), now: make(chan struct{}, 1)}
	p.chores = p.newChores()
	return p
}

func (p *apiPoller) newChores() []*chore {
	return []*chore{
		{name: "devices", urgency: soon, every: time.Hour, withNews: p.pace.max, run: p.readDevices},
		{name: "dataRange", urgency: soon, every: time.Hour, withNews: p.pace.max, run: p.readDataRange},
		{name: "history", urgency: someday, every: 24 * time.Hour, run: p.readHistory},
	}
}

// pollNow ends the wait for the next poll.
func (p *apiPoller) pollNow() {
	select {
	case p.now <- struct{}{}:
	default: // it is wanted already
	}
}

// run polls until ctx is done.
func (p *apiPoller) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.doChores(ctx)
	}()
	for ctx.Err() == nil {
		p.wait(ctx, p.poll(ctx))
	}
	<-done
}

// wait returns when the next poll is due or wanted, or ctx is done.
func (p *apiPoller) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.now:
	case <-ctx.Done():
	}
}

// poll reads the newest readings once and returns how long to wait for the next
// time.
func (p *apiPoller) poll(ctx context.Context) time.Duration {
	select {
	case <-p.now: // what was wanted begins here
	default:
	}
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
	now := time.Now()
	p.account.polled(SourceStatus{Name: sourceAPI, LastPoll: now, NextPoll: now.Add(wait)}, err)
	if !p.arrived {
		p.arrived = true
		p.start.arrived()
	}
	if err == nil {
		p.tell(added > 0)
	}
	return wait
}

// tell wakes the chores. If they are busy and were told already, new readings are
// not forgotten for it.
func (p *apiPoller) tell(news bool) {
	select {
	case before := <-p.polled:
		news = news || before
	default:
	}
	p.polled <- news
}

func (p *apiPoller) readNewest(ctx context.Context) (added int, err error) {
	if person := p.account.whose(); person != p.person {
		p.person, p.seen, p.polledOnce = person, dexcom.Seen{}, false
	}
	now := time.Now()
	from, to := window(now, p.account.newestReading(now), p.keep)
	list, err := p.client.EGVs(ctx, from, to, &p.seen)
	if err != nil {
		return 0, err
	}
	return p.account.absorb(p.person, list, time.Now(), p.polledOnce), nil
}

// doChores runs what is due after each successful poll. A chore that fails or
// hangs costs the readings nothing.
func (p *apiPoller) doChores(ctx context.Context) {
	p.start.wait(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case news := <-p.polled:
			p.doDue(ctx, news)
		}
	}
}

func (p *apiPoller) doDue(ctx context.Context, news bool) {
	if person := p.account.whose(); person != p.choresFor {
		p.choresFor, p.chores, p.historyRead = person, p.newChores(), false
	}
	for _, c := range p.chores {
		if ctx.Err() == nil && c.due(time.Now(), news) {
			c.do(ctx, p.pace, p.account.log)
		}
	}
}

func (p *apiPoller) readDevices(ctx context.Context) error {
	list, err := p.client.Devices(ctx)
	if err == nil {
		p.account.setDevices(p.choresFor, list)
	}
	return err
}

func (p *apiPoller) readDataRange(ctx context.Context) error {
	ranges, err := p.client.DataRange(ctx)
	if err == nil {
		p.account.setRanges(p.choresFor, ranges)
	}
	return err
}

// readHistory reads everything the history keeps: what phones delivered later
// than a day after the fact, and on a start what was there before.
func (p *apiPoller) readHistory(ctx context.Context) error {
	now := time.Now()
	list, err := p.client.EGVs(ctx, now.Add(-p.keep), now.Add(ahead), nil)
	if err == nil {
		p.account.absorb(p.choresFor, list, time.Now(), p.historyRead)
		p.historyRead = true
	}
	return err
}
