package collector

import (
	"context"
	"sync"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Follow takes whom to follow from now on, in the place of what it took before.
// An account that is still there keeps what is known of its person; its polls go
// on as if nothing had happened where its API is the same one and nothing about
// polling has changed. One that is not there any more ends with its metrics.
func (c *Collector) Follow(config Config) {
	for _, a := range c.follow(config) {
		a.keep() // it may take a while, and nobody waits for it
	}
	select {
	case c.hired <- struct{}{}:
	default: // Run looks at all of them anyway
	}
}

func (c *Collector) follow(config Config) []*account {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.accounts
	c.accounts, c.onScrape = make([]*account, 0, len(config.Accounts)), config.OnScrape
	starts := map[dexcom.Region]*start{}
	for _, settings := range config.Accounts {
		a := find(before, settings.Name)
		if a == nil {
			a = newAccount(settings, config, c.own, c.log)
		} else {
			a.configure(settings, config)
		}
		c.accounts = append(c.accounts, a)
		c.employ(a, settings, config, starts)
	}
	for _, a := range before {
		if find(c.accounts, a.name) == nil {
			a.end()
		}
	}
	return c.accounts
}

// employ gives the account the pollers that the configuration wants, unless it has
// them already. The caller holds c.mu.
func (c *Collector) employ(a *account, settings Account, config Config, starts map[dexcom.Region]*start) {
	if settings.Share == nil {
		a.hire(sourceShare, nil)
	} else if wanted := newSharePoller(a, settings, config); a.hire(sourceShare, wanted) {
		c.waiting = append(c.waiting, wanted)
	}
	if settings.API == nil {
		a.hire(sourceAPI, nil)
		return
	}
	region, wanted := settings.API.Region, newAPIPoller(a, settings, config)
	if !a.hire(sourceAPI, wanted) {
		return
	}
	if starts[region] == nil {
		starts[region] = newStart()
	}
	starts[region].expect()
	wanted.start = starts[region]
	c.waiting = append(c.waiting, wanted)
}

// Run polls until ctx is done. It must be called once.
func (c *Collector) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer c.saveAgain() // an end must not cost what the disk would take by now
	defer running.Wait()
	running.Go(func() { c.keepSaving(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.hired:
			for _, poller := range c.takeWaiting() {
				running.Go(func() { poller.run(ctx) })
			}
		}
	}
}

func (c *Collector) takeWaiting() []*poller {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.waiting
	c.waiting = nil
	return waiting
}
