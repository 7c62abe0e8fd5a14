package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Memory is what a cloud knows of the grants that people gave, with their secrets,
// for [Cloud.Recall]. Grants that others replaced are forgotten, as are codes and
// Share's sessions, which live for a minute and a day.
type Memory struct {
	// Secrets is how many tokens and codes were drawn.
	Secrets int64         `json:"secrets"`
	Grants  []GrantMemory `json:"grants"`
}

// GrantMemory is one person's grant to one app.
type GrantMemory struct {
	Person   string    `json:"person"`
	ClientID string    `json:"client_id"`
	Session  string    `json:"session"`
	Refresh  string    `json:"refresh"` // the one token that was not used yet
	Used     []string  `json:"used"`    // the refresh tokens before it
	End      time.Time `json:"end"`
	Dead     bool      `json:"dead"`
	// Access has the ends of the access tokens that live.
	Access map[string]time.Time `json:"access"`
}

// Memory returns what the cloud knows by now. It is the caller's.
func (c *Cloud) Memory() Memory {
	now, o := c.now(), c.oauth
	o.mu.Lock()
	defer o.mu.Unlock()
	m := Memory{Secrets: o.secrets}
	for h, g := range o.current {
		kept := GrantMemory{
			Person: h.person.Name, ClientID: h.clientID, Session: g.session, Refresh: g.refresh, End: g.end, Dead: g.dead,
			Access: make(map[string]time.Time),
		}
		for token, of := range o.refresh {
			if of == g && token != g.refresh {
				kept.Used = append(kept.Used, token)
			}
		}
		for token, access := range o.access {
			if access.grant == g && now.Before(access.end) {
				kept.Access[token] = access.end
			}
		}
		m.Grants = append(m.Grants, kept)
	}
	slices.SortFunc(m.Grants, func(a, b GrantMemory) int {
		return strings.Compare(a.Person+"\x00"+a.ClientID, b.Person+"\x00"+b.ClientID)
	})
	return m
}

// Recall puts what another cloud with the same people knew in the place of what this
// one knows of grants. It changes nothing where it fails.
func (c *Cloud) Recall(m Memory) error {
	for _, kept := range m.Grants {
		if c.people[kept.Person] == nil {
			return fmt.Errorf("recall a grant: nobody is called %q", kept.Person)
		}
	}
	o := c.oauth
	o.mu.Lock()
	defer o.mu.Unlock()
	o.secrets = m.Secrets
	clear(o.codes)
	clear(o.access)
	clear(o.refresh)
	clear(o.current)
	for _, kept := range m.Grants {
		h := holder{c.people[kept.Person], kept.ClientID}
		g := &grant{holder: h, session: kept.Session, refresh: kept.Refresh, end: kept.End, dead: kept.Dead}
		o.current[h] = g
		for _, token := range append(slices.Clone(kept.Used), kept.Refresh) {
			o.refresh[token] = g
		}
		for token, end := range maps.All(kept.Access) {
			o.access[token] = accessToken{g, end}
		}
	}
	return nil
}

// String counts the grants and tells no secret.
func (m Memory) String() string { return fmt.Sprintf("memory of %d grants", len(m.Grants)) }
