package collector

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// apiPoller keeps one account up to date from the official API: the readings in
// one goroutine, everything else in another, so that nothing delays the readings.
type apiPoller struct {
	job

	account *account
	resting time.Time // no poll before: a poller before this one asked the same client; may be zero
	start   *start
	demand  *demand
	tenure  tenure
	// polled has a value after each successful poll: whether readings were new.
	polled chan bool

	// The goroutine of the readings.
	person   int // whose readings it read last
	seen     dexcom.Seen
	arrived  bool // had an answer or a failure
	failures int  // in a row

	// The other goroutine.
	choresFor int // whose chores it did last
	chores    []*chore
}

// job is what a poller does. Two with an equal job do the same.
type job struct {
	client   *dexcom.Client
	pace     pace
	onScrape bool
	keep     time.Duration // of history
	version  dexcom.Version
	bounds   glucose.Bounds // asked for by version 2 alone
}

func newAPIPoller(a *account, settings Account, config Config) *apiPoller {
	p := &apiPoller{
		job: job{
			client: settings.API.Client, pace: pace{config.MinInterval, config.MaxInterval},
			onScrape: config.OnScrape, keep: config.History, version: settings.API.Version,
		},
		account: a, demand: newDemand(), polled: make(chan bool, 1),
	}
	if p.version == dexcom.V2 {
		p.bounds = settings.Bounds
	}
	p.chores = p.newChores()
	return p
}

// newChores lists what is asked beside the readings, the most useful first.
func (p *apiPoller) newChores() []*chore {
	hourly := func(name string, run func(context.Context) error) *chore {
		return &chore{name: name, urgency: soon, every: time.Hour, withNews: p.pace.max, run: run}
	}
	chores := []*chore{
		hourly("devices", p.readDevices),
		hourly("dataRange", p.readDataRange),
		hourly("calibrations", p.readCalibrations),
		hourly(eventsChore, p.readEvents),
	}
	switch p.version {
	case dexcom.V2:
		chores = append(chores, &chore{name: "statistics", urgency: soon, every: time.Hour, run: p.readStatistics})
	default:
		chores = append(chores, hourly("alerts", p.readAlarms))
	}
	return append(chores, &chore{name: historyChore, urgency: someday, every: 24 * time.Hour, run: p.readHistory})
}

const (
	historyChore = "history" // reads all that the history keeps
	eventsChore  = "events"
)

// run polls until ctx is done or the poller is not wanted any more.
func (p *apiPoller) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.demand.end()
	defer p.arrive()
	if !p.tenure.begin(cancel) {
		return
	}
	var working sync.WaitGroup
	defer working.Wait()
	working.Go(func() { p.doChores(ctx) })
	first := time.Until(p.resting)
	if p.onScrape {
		p.demand.rest(p.resting)
		first = never
	}
	if first > 0 {
		p.demand.wait(ctx, first)
	}
	for ctx.Err() == nil {
		wait := p.poll(ctx)
		p.demand.met(time.Now().Add(wait))
		if p.onScrape {
			wait = never
		}
		p.demand.wait(ctx, wait)
	}
}

// never is longer than any program runs.
const never = time.Duration(math.MaxInt64)

// poll reads the newest readings once and returns how long to wait for the next
// time.
func (p *apiPoller) poll(ctx context.Context) time.Duration {
	wanted := p.demand.begin()
	added, err := p.readNewest(ctx)
	if ctx.Err() != nil {
		return 0
	}
	p.failures++
	if err == nil {
		p.failures = 0
	}
	wait := p.waitAfter(err, time.Since(wanted))
	now := time.Now()
	p.account.polled(SourceStatus{Name: sourceAPI, LastPoll: now, NextPoll: now.Add(wait)}, err)
	p.arrive()
	if err == nil {
		p.tell(added > 0)
	}
	return wait
}

// arrive tells the others of the app, once, that this account has had its turn.
func (p *apiPoller) arrive() {
	if !p.arrived {
		p.arrived = true
		p.start.arrived()
	}
}

// waitAfter is how long to wait after a poll that somebody wanted some time ago.
func (p *apiPoller) waitAfter(err error, ago time.Duration) time.Duration {
	luck := rand.Float64() //nolint:gosec // spreads accounts, keeps no secret
	switch {
	case err != nil:
		return p.pace.afterFailure(p.failures, dexcom.RetryAfter(err), luck)
	case p.onScrape:
		return max(0, p.pace.min-ago) // scrapes have a rhythm of their own
	}
	return p.pace.afterSuccess(luck)
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
	if person := p.account.whose(p); person != p.person {
		p.person, p.seen = person, dexcom.Seen{}
	}
	now := time.Now()
	from, to := window(now, p.account.newestReading(now), p.keep)
	list, err := p.client.EGVs(ctx, from, to, &p.seen)
	if err != nil {
		return 0, err
	}
	return p.account.absorb(p.person, list, time.Now(), newestFetch), nil
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
	if person := p.account.whose(p); person != p.choresFor {
		p.choresFor, p.chores = person, p.newChores()
	}
	for _, c := range p.chores {
		began := time.Now()
		if c.name == eventsChore && len(p.account.eventKinds()) == 0 {
			continue
		}
		if ctx.Err() == nil && c.due(began, p.account.lastDone(c.name), news) && c.do(ctx, p.pace, p.account.log) {
			p.account.did(p.choresFor, c.name, began)
		}
	}
}

func (p *apiPoller) readDevices(ctx context.Context) error {
	list, err := p.client.Devices(ctx)
	if err == nil {
		replace(p.account, p.choresFor, "devices", list, &p.account.devices)
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
		p.account.absorb(p.choresFor, list, time.Now(), wholeFetch)
	}
	return err
}
