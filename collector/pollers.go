package collector

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// hire gives the account a poller of a source in the place of the one it has, and
// tells whether it did: one with the same job stays. With nil it has none.
func (a *account) hire(source string, p *poller) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.pollers[source]
	if before != nil && p != nil {
		if before.job == p.job {
			return false
		}
		if before.job.client == p.job.client {
			p.resting = a.status(source).rested(p.job.pace)
		} else {
			a.status(source).other = true
		}
	}
	a.dismiss(source)
	if p == nil {
		a.sources = slices.DeleteFunc(a.sources, func(s SourceStatus) bool { return s.Name == source })
		return true
	}
	a.pollers[source] = p
	if a.status(source) == nil {
		a.sources = append(a.sources, SourceStatus{Name: source})
		slices.SortFunc(a.sources, func(a, b SourceStatus) int { return strings.Compare(a.Name, b.Name) })
		a.own.start(source)
	}
	return true
}

// status finds how a source is doing; nil when the account does not use it. The
// caller holds mu.
func (a *account) status(source string) *SourceStatus {
	i := slices.IndexFunc(a.sources, func(s SourceStatus) bool { return s.Name == source })
	if i < 0 {
		return nil
	}
	return &a.sources[i]
}

// rested is when a source may be asked again, at another pace than before: what
// failed keeps its distance.
func (s SourceStatus) rested(pace pace) time.Time {
	if s.Up() || s.LastPoll.IsZero() {
		return s.LastPoll.Add(pace.min)
	}
	return s.NextPoll
}

// dismiss ends the work of a source's poller. The caller holds mu.
func (a *account) dismiss(source string) {
	if p := a.pollers[source]; p != nil {
		p.tenure.end()
		delete(a.pollers, source)
	}
}

// dismissAll ends the work of all pollers. The caller holds mu.
func (a *account) dismissAll() {
	a.dismiss(sourceAPI)
	a.dismiss(sourceShare)
}

// poller is the poller of a source; nil when the account does not use it.
func (a *account) poller(source string) *poller {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pollers[source]
}

// all are the pollers of the account.
func (a *account) all() []*poller {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.pollers))
}

// end stops the polls of an account that nobody follows any more.
func (a *account) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dismissAll()
	a.gone = true
}

// whose tells which person the account has now: the number to give with what a
// poller asks for from here on. It is nobody's once the account has another poller.
func (a *account) whose(p *poller) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pollers[p.name] != p {
		return nobody
	}
	return a.person
}

// nobody is no person's number.
const nobody = -1
