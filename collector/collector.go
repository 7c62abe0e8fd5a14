// Package collector keeps what Dexcom knows about a number of people and shows
// it to Prometheus.
//
// Pollers read Dexcom in the background ([Collector.Run]) and put readings into
// a history for each person; everything that leaves the program reads snapshots
// of it. A scrape does no I/O, and one person's failure costs the others nothing.
package collector

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Config says whom to follow and how.
type Config struct {
	Accounts []Account
	// Calls is what the clients' calls go through: its metrics are the collector's.
	Calls *Calls
	// MinInterval and MaxInterval bound how often one source of one account is
	// asked.
	MinInterval, MaxInterval time.Duration
	// History is how long readings are kept.
	History time.Duration
	Log     *slog.Logger
}

// Account is one person to follow.
type Account struct {
	Name       string // the only identity that leaves the program
	StaleAfter time.Duration
	// Timezone is the person's; nil takes the offset of the readings.
	Timezone *time.Location
	// API is the official API; nil when the account does not use it.
	API *API
}

// API is how an account reaches the official API.
type API struct {
	Region dexcom.Region
	Client *dexcom.Client
	// Grant is where the client's tokens come from; nil when they come from
	// elsewhere, and nobody can be linked.
	Grant *dexcom.Grant
}

// Collector is a prometheus.Collector of all accounts. It is safe for concurrent
// use.
type Collector struct {
	accounts []*account
	rows     []row
	descs    []*prometheus.Desc
	own      *own
	calls    *Calls
	start    time.Time
}

// New makes a collector; it contacts nobody.
func New(config Config) *Collector {
	c := &Collector{rows: table(), own: newOwn(), calls: config.Calls, start: time.Now()}
	for _, row := range c.rows {
		c.descs = append(c.descs, row.desc())
	}
	starts := map[dexcom.Region]*start{}
	for _, configured := range config.Accounts {
		a := &account{
			name:       configured.Name,
			staleAfter: configured.StaleAfter,
			zone:       configured.Timezone,
			own:        c.own,
			log:        config.Log.With("account", configured.Name),
			history:    newHistory(config.History),
		}
		c.accounts = append(c.accounts, a)
		if configured.API == nil {
			continue
		}
		region := configured.API.Region
		if starts[region] == nil {
			starts[region] = newStart()
		}
		a.grant = configured.API.Grant
		a.sources = append(a.sources, SourceStatus{Name: sourceAPI})
		c.own.start(a.name, sourceAPI)
		a.api = newAPIPoller(a, configured.API.Client, pace{config.MinInterval, config.MaxInterval}, config.History, starts[region])
	}
	return c
}

// Run polls until ctx is done. It must be called once.
func (c *Collector) Run(ctx context.Context) {
	var group errgroup.Group
	for _, a := range c.accounts {
		if a.api != nil {
			group.Go(func() error { a.api.run(ctx); return nil })
		}
	}
	_ = group.Wait() // pollers end with ctx and have no error to tell
}

// Ready tells whether every account had its first answer or failure, or two
// minutes have passed.
func (c *Collector) Ready() bool {
	if time.Since(c.start) >= 2*time.Minute {
		return true
	}
	for _, s := range c.Snapshots() {
		if slices.ContainsFunc(s.Sources, func(source SourceStatus) bool { return source.Result == "" }) {
			return false
		}
	}
	return true
}

// Snapshots gives every account as it is now, in the order of the configuration.
func (c *Collector) Snapshots() []Snapshot {
	now := time.Now()
	snapshots := make([]Snapshot, 0, len(c.accounts))
	for _, a := range c.accounts {
		snapshots = append(snapshots, a.snapshot(now))
	}
	return snapshots
}

// Readings gives the readings of an account with from <= time < to, oldest
// first; none for an unknown account.
func (c *Collector) Readings(name string, from, to time.Time) []Reading {
	if a := c.account(name); a != nil {
		return a.readings(from, to)
	}
	return nil
}

// Poll asks the sources of an account now, as after it was linked. An unknown
// account is nothing to do.
func (c *Collector) Poll(name string) {
	if a := c.account(name); a != nil && a.api != nil {
		a.api.pollNow()
	}
}

// Forget drops all that is known of an account's person, as before it belongs to
// another one. What is on its way for the one before does not arrive.
func (c *Collector) Forget(name string) {
	if a := c.account(name); a != nil {
		a.forget()
	}
}

func (c *Collector) account(name string) *account {
	i := slices.IndexFunc(c.accounts, func(a *account) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return c.accounts[i]
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		ch <- desc
	}
	for _, counted := range c.counted() {
		counted.Describe(ch)
	}
}

// Collect implements prometheus.Collector: it copies each account's state and
// holds no lock while it sends.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	for _, s := range c.Snapshots() {
		c.collect(s, ch)
	}
	for _, counted := range c.counted() {
		counted.Collect(ch)
	}
}

// counted lists what is not read from snapshots.
func (c *Collector) counted() []prometheus.Collector {
	return slices.Concat(c.own.collectors(), c.calls.collectors())
}

func (c *Collector) collect(s Snapshot, ch chan<- prometheus.Metric) {
	for i, row := range c.rows {
		row.read(s, func(value float64, labels ...string) {
			metric, err := prometheus.NewConstMetric(c.descs[i], prometheus.GaugeValue, value, append([]string{s.Account}, labels...)...)
			if err != nil {
				metric = prometheus.NewInvalidMetric(c.descs[i], err)
			}
			ch <- metric
		})
	}
}
