package simulator

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// FailTokens makes the next requests to the token endpoint go wrong, that many
// times, after those already planned.
func (c *Cloud) FailTokens(f Fault, times int) { c.tokenFaults.plan(f, times) }

// FailTokensAtRandom makes each request to the token endpoint that is not
// planned to fail go wrong with a chance from 0 to 1, in one of the given ways.
// Seed and number of the request decide. It replaces an earlier call; without
// faults it ends it.
func (c *Cloud) FailTokensAtRandom(seed uint64, chance float64, faults ...Fault) {
	c.tokenFaults.atRandom(dice{seed, chance, slices.Clone(faults)})
}

// NightlyOutage makes refreshes fail with 503 from 02:45 to 03:45 on clocks in
// the zone; nil ends it. Dexcom once had it in America/Los_Angeles
// (tidepool-org/platform, pull request 197).
func (c *Cloud) NightlyOutage(zone *time.Location) {
	c.tokenFaults.mu.Lock()
	defer c.tokenFaults.mu.Unlock()
	c.tokenFaults.zone = zone
}

// faultPlan decides which requests to the token endpoint go wrong. It is safe for
// concurrent use.
type faultPlan struct {
	mu       sync.Mutex // guards all below
	queue    []Fault    // planned, first to come first
	random   dice
	requests int64
	played   map[string]int // by name
	zone     *time.Location // of the nightly outage
}

// wrap puts the plan before an endpoint.
func (p *faultPlan) wrap(endpoint http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := p.next()
		if f.serve == nil {
			endpoint.ServeHTTP(w, r)
			return
		}
		f.serve(w, r, endpoint)
	})
}

func (p *faultPlan) plan(f Fault, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range times {
		p.queue = append(p.queue, f)
	}
}

func (p *faultPlan) atRandom(faults dice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.random = faults
}

// next is the fault of the next request.
func (p *faultPlan) next() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	f := p.random.throw(p.requests)
	if len(p.queue) > 0 {
		f, p.queue = p.queue[0], p.queue[1:]
	}
	if f.serve != nil {
		if p.played == nil {
			p.played = make(map[string]int)
		}
		p.played[f.name]++
	}
	return f
}

func (p *faultPlan) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.played)
}

// outage tells whether now is in the nightly outage.
func (p *faultPlan) outage(now time.Time) bool {
	const start, end = 2*60 + 45, 3*60 + 45 // minutes of the day
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zone == nil {
		return false
	}
	local := now.In(p.zone)
	clock := local.Hour()*60 + local.Minute()
	return start <= clock && clock < end
}
