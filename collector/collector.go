// Package collector keeps what Dexcom knows about a number of people and shows
// it to Prometheus.
//
// Pollers read Dexcom in the background ([Collector.Run]) and put readings into
// a history for each person; everything that leaves the program reads snapshots
// of it. A scrape does no I/O, and one person's failure costs the others nothing.
package collector

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// Config says whom to follow and how.
type Config struct {
	Accounts []Account
	// MinInterval and MaxInterval bound how often one source of one account is
	// asked.
	MinInterval, MaxInterval time.Duration
	// OnScrape asks only when [Collector.Refresh] wants it, instead of in the
	// background.
	OnScrape bool
	// History is how long readings are kept.
	History time.Duration
	// Reach is how far back samples with a time of their own are given away
	// ([Collector.Readings], [Collector.NewCourier]).
	Reach time.Duration
}

// Account is one person to follow.
type Account struct {
	Name       string // the only identity that leaves the program
	StaleAfter time.Duration
	// Timezone is the person's; nil takes the offset of the readings.
	Timezone *time.Location
	// ReplayLag is the lag of the replay gauge.
	ReplayLag time.Duration
	// Bounds are where the person's ranges meet.
	Bounds glucose.Bounds
	// Profile wants the profile of the day.
	Profile bool
	// Events are the kinds of events that may leave the program, of
	// dexcom.EventKinds.
	Events []string
	// State is what outlasts a restart; nil when nothing does.
	State *dexcom.StateFile
	// API is the official API; nil when the account does not use it.
	API *API
	// Share is Dexcom Share; nil when the account does not use it.
	Share *dexcom.Share
}

// API is how an account reaches the official API.
type API struct {
	Region dexcom.Region
	// Version is the client's.
	Version dexcom.Version
	Client  *dexcom.Client
	// Grant is where the client's tokens come from; nil when they come from
	// elsewhere, and nobody can be linked.
	Grant *dexcom.Grant
}

// Collector is a prometheus.Collector of all accounts. It is safe for concurrent
// use.
type Collector struct {
	rows  []*shownRow
	own   *own
	calls *Calls
	log   *slog.Logger
	start time.Time
	pages sync.Pool     // of *page
	hired chan struct{} // has a value when there are pollers that do not run yet

	mu       sync.Mutex // guards what follows
	accounts []*account
	onScrape bool
	waiting  []*poller // those that do not run yet
}

// New makes a collector that follows nobody yet. The clients' calls go through
// calls, whose metrics are the collector's.
func New(calls *Calls, log *slog.Logger) *Collector {
	c := &Collector{own: newOwn(), calls: calls, log: log, start: time.Now(), hired: make(chan struct{}, 1)}
	for _, row := range table() {
		c.rows = append(c.rows, showRow(row))
	}
	return c
}

// Ready tells whether every account had its first answer or failure, or two
// minutes have passed. Where scrapes start the polls it is true at once.
func (c *Collector) Ready() bool {
	c.mu.Lock()
	onScrape := c.onScrape
	c.mu.Unlock()
	if onScrape || time.Since(c.start) >= 2*time.Minute {
		return true
	}
	for _, s := range c.Standings() {
		if slices.ContainsFunc(s.Sources, func(source SourceStatus) bool { return source.Result == "" }) {
			return false
		}
	}
	return true
}

// Snapshots gives every account as it is now, in the order of the configuration.
func (c *Collector) Snapshots() []Snapshot {
	now := time.Now()
	accounts := c.all()
	snapshots := make([]Snapshot, 0, len(accounts))
	for _, a := range accounts {
		snapshots = append(snapshots, a.snapshot(now))
	}
	return snapshots
}

// Snapshot gives one account as it is now; false for an unknown account.
func (c *Collector) Snapshot(name string) (Snapshot, bool) {
	if a := c.account(name); a != nil {
		return a.snapshot(time.Now()), true
	}
	return Snapshot{}, false
}

// Standings gives how every account stands now, in the order of the configuration.
func (c *Collector) Standings() []Standing {
	now := time.Now()
	accounts := c.all()
	standings := make([]Standing, 0, len(accounts))
	for _, a := range accounts {
		standings = append(standings, a.standing(now))
	}
	return standings
}

// Readings gives the readings of an account with from <= time < to, oldest
// first; none for an unknown account.
func (c *Collector) Readings(name string, from, to time.Time) []Reading {
	if a := c.account(name); a != nil {
		return a.readings(from, to)
	}
	return nil
}

// Person tells one person of an account from the next: another number means that what
// was read before is of somebody else. It is negative for an unknown account.
func (c *Collector) Person(name string) int {
	a := c.account(name)
	if a == nil {
		return nobody
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.person
}

// Mismatched tells whether the two sources of an account were found to be two people.
func (c *Collector) Mismatched(name string) bool {
	a := c.account(name)
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.usesBoth() && a.both.mismatch
}

// Poll asks the official API of an account now, as after it was linked. An account
// that is unknown or does not use it is nothing to do.
func (c *Collector) Poll(name string) {
	if a := c.account(name); a != nil {
		if poller := a.poller(sourceAPI); poller != nil {
			poller.demand.want()
		}
	}
}

// Forget drops all that is known of an account's person, as before it belongs to
// another one. What is on its way for the one before does not arrive.
func (c *Collector) Forget(name string) {
	if a := c.account(name); a != nil {
		a.forget()
	}
}

// all lists the accounts; the list is never changed in place.
func (c *Collector) all() []*account {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accounts
}

func (c *Collector) account(name string) *account { return find(c.all(), name) }

func find(accounts []*account, name string) *account {
	i := slices.IndexFunc(accounts, func(a *account) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return accounts[i]
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, row := range c.rows {
		ch <- row.desc
	}
	for _, counted := range c.counted() {
		counted.Describe(ch)
	}
}

// Collect implements prometheus.Collector: it copies each account's state and
// holds no lock while it sends.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	page, _ := c.pages.Get().(*page)
	if page == nil {
		page = newPage(c.rows)
	}
	defer c.pages.Put(page)
	now := time.Now()
	byName := func(a, b *account) int { return strings.Compare(a.name, b.name) }
	for _, a := range slices.SortedFunc(slices.Values(c.all()), byName) { // a registry sorts again what is not
		all := page.of(a.snapshot(now))
		for i := range all {
			ch <- &all[i]
		}
	}
	for _, counted := range c.counted() {
		counted.Collect(ch)
	}
}

// counted lists what is not read from snapshots.
func (c *Collector) counted() []prometheus.Collector {
	return slices.Concat(c.own.collectors(), c.calls.collectors())
}
