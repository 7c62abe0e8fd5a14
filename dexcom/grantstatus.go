package dexcom

import "time"

// GrantStatus is how a grant is doing. Times are zero when there is none.
type GrantStatus struct {
	// Linked is whether a person consented and Dexcom has not refused since.
	Linked bool
	// Persisted is whether the newest tokens are on the disk.
	Persisted bool
	// Consented is when the person consented; it lasts for a year.
	Consented time.Time
	// AccessExpiry is when the access token ends; it is renewed before.
	AccessExpiry time.Time
}

// Status tells how the grant is doing; it never waits.
func (g *Grant) Status() GrantStatus {
	g.statusMu.Lock()
	defer g.statusMu.Unlock()
	return g.status
}

// publish makes the state visible. The caller holds mu.
func (g *Grant) publish() {
	status, person := GrantStatus{Linked: g.stored != nil && g.refused == 0, Persisted: !g.unsaved}, ""
	if g.stored != nil {
		status.Consented, status.AccessExpiry, person = g.stored.Consented, g.stored.Expiry, g.stored.User
	}
	g.statusMu.Lock()
	defer g.statusMu.Unlock()
	g.status, g.person = status, person
}

// user is the hash of the name of the person who consented; empty when unknown. It
// never waits.
func (g *Grant) user() string {
	g.statusMu.Lock()
	defer g.statusMu.Unlock()
	return g.person
}
