package collector

import "context"

// Refresh is for polls on scrape: it starts a poll of every source whose last one
// is older than the least interval, joins those under way, and returns when all of
// them ended or ctx is done. A poll that began outlives ctx. Where polls run in
// the background there is nothing to do.
func (c *Collector) Refresh(ctx context.Context) {
	c.mu.Lock()
	accounts, onScrape := c.accounts, c.onScrape
	c.mu.Unlock()
	if !onScrape {
		return
	}
	var ends []<-chan struct{}
	for _, a := range accounts {
		for _, poller := range a.all() {
			ends = append(ends, poller.demand.join())
		}
	}
	for _, end := range ends {
		select {
		case <-end:
		case <-ctx.Done():
			return
		}
	}
}
