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

	// The goroutine of the readings.
	seen       dexcom.Seen
	arrived    bool // had an answer or a failure
	polledOnce bool // had an answer
	failures   int  // in a row

	// The other goroutine.
	chores      []*chore
	historyRead bool // once
}

func newAPIPoller(a *account, client *dexcom.Client, pace pace, keep time.Duration, start *start) *apiPoller {
	start.expect()
	p := &apiPoller{account: a, client: client, pace: pace, keep: keep, start: start, polled: make(chan bool, 1)}
	p.chores = []*chore{
		{name: "devices", urgency: soon, every: time.Hour, withNews: pace.max, run: p.readDevices},
		{name: "dataRange", urgency: soon, every: time.Hour, withNews: pace.max, run: p.readDataRange},
		{name: "history", urgency: someday, every: 24 * time.Hour, run: p.readHistory},
	}
	return p
}

// run polls until ctx is done.
func (p *apiPoller) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.doChores(ctx)
	}()
	for ctx.Err() == nil {
		_ = sleep(ctx, p.poll(ctx)) // the loop looks at ctx itself
	}
	<-done
}

// poll reads the newest readings once and returns how long to wait for the next
// time.
func (p *apiPoller) poll(ctx context.Context) time.Duration {
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
	now := time.Now()
	from, to := window(now, p.account.newestReading(now), p.keep)
	list, err := p.client.EGVs(ctx, from, to, &p.seen)
	if err != nil {
		return 0, err
	}
	return p.account.absorb(list, time.Now(), p.polledOnce), nil
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
			for _, c := range p.chores {
				if ctx.Err() == nil && c.due(time.Now(), news) {
					c.do(ctx, p.pace, p.account.log)
				}
			}
		}
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
