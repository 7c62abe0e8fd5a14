package simulator

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Target is which requests for data a fault is for. Empty fields match all.
type Target struct {
	Version  string // "v2" or "v3"
	Endpoint string // the end of the path, such as "egvs"
	Person   string // by name
}

// target is who asked for what.
func target(p *Person, r *http.Request) Target {
	version, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return Target{version, path.Base(r.URL.Path), p.Name}
}

func (t Target) matches(asked Target) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(t.Version, asked.Version) && is(t.Endpoint, asked.Endpoint) && is(t.Person, asked.Person)
}

// FailData makes the next matching requests for data go wrong, that many times,
// after those already planned. Only requests with a valid access token count.
func (c *Cloud) FailData(t Target, f Fault, times int) { c.dataFaults.plan(t, f, times) }

// FailDataAtRandom makes each matching request for data that is not planned to
// fail go wrong with a chance from 0 to 1, in one of the given ways. It replaces
// an earlier call for the same target; without faults or chance it ends it. Of
// several targets that match, the one that was set first and fails decides.
//
// Seed and number of the request decide. Each endpoint of each person is
// numbered by itself, so that what others ask for changes nothing.
func (c *Cloud) FailDataAtRandom(t Target, seed uint64, chance float64, faults ...Fault) {
	c.dataFaults.atRandom(t, dice{seed, chance, slices.Clone(faults)})
}

// FaultCounts returns how many requests for data went wrong on purpose, by the
// name of the [Fault]. The map is the caller's. [Cloud.OAuthCounts] has those
// for tokens.
func (c *Cloud) FaultCounts() map[string]int { return c.dataFaults.counts() }

// dataFaults decides which requests for data go wrong. It is safe for
// concurrent use.
type dataFaults struct {
	mu      sync.Mutex // guards all below
	planned []plannedFault
	random  []randomFaults
	played  map[string]int // by name
}

// plannedFault is for the next requests to a target.
type plannedFault struct {
	target Target
	fault  Fault
	left   int
}

// randomFaults are for any request to a target.
type randomFaults struct {
	target   Target
	dice     dice
	requests map[Target]int64 // by who asked for what
}

// serve lets an endpoint answer a request, or go wrong.
func (d *dataFaults) serve(p *Person, w http.ResponseWriter, r *http.Request, endpoint http.HandlerFunc) {
	f := d.next(target(p, r))
	if f.serve == nil {
		endpoint(w, r)
		return
	}
	f.serve(w, r, endpoint)
}

func (d *dataFaults) plan(t Target, f Fault, times int) {
	if times <= 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.planned = append(d.planned, plannedFault{t, f, times})
}

func (d *dataFaults) atRandom(t Target, faults dice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.random = slices.DeleteFunc(d.random, func(x randomFaults) bool { return x.target == t })
	if faults.chance > 0 && len(faults.faults) > 0 {
		d.random = append(d.random, randomFaults{t, faults, make(map[Target]int64)})
	}
}

// next is the fault of a request.
func (d *dataFaults) next(asked Target) Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.drawn(asked)
	if at := slices.IndexFunc(d.planned, func(x plannedFault) bool { return x.target.matches(asked) }); at >= 0 {
		f = d.planned[at].fault
		d.planned[at].left--
		if d.planned[at].left == 0 {
			d.planned = slices.Delete(d.planned, at, at+1)
		}
	}
	if f.serve != nil {
		if d.played == nil {
			d.played = make(map[string]int)
		}
		d.played[f.name]++
	}
	return f
}

// drawn is the random fault of a request. Every target that matches counts it.
func (d *dataFaults) drawn(asked Target) Fault {
	var first Fault
	for _, x := range d.random {
		if !x.target.matches(asked) {
			continue
		}
		x.requests[asked]++
		f := x.dice.of(asked).throw(x.requests[asked])
		if first.serve == nil {
			first = f
		}
	}
	return first
}

func (d *dataFaults) counts() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.played == nil {
		return make(map[string]int)
	}
	return maps.Clone(d.played)
}
