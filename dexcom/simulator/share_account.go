package simulator

import "time"

// ShareAccount is how a person logs in to Dexcom Share.
type ShareAccount struct {
	// Person is who the account belongs to, by name.
	Person string

	// Username and Password are what a client is given. No two accounts of a
	// cloud may have the same user name.
	Username, Password string

	// Data is whose readings the account shows, by name; empty is Person. Another
	// person's are there to see whether a client notices.
	Data string
}

// shareAccount is an account with what happened to it.
type shareAccount struct {
	ShareAccount

	id       string
	data     *Person
	unshared bool
	failures int       // logins in a row
	lockEnd  time.Time // zero if it never was
	counts   ShareCounts
}

// Share gives a person an account, with sharing on. It replaces the one that the
// person had, whose sessions end. Accounts of people who are not in the cloud
// are ignored. The account id never changes: it follows from seed and user name.
//
// One cloud is one region: to every other cloud the account is unknown.
func (c *Cloud) Share(a ShareAccount) {
	person, data := c.people[a.Person], c.people[a.Person]
	if a.Data != "" {
		data = c.people[a.Data]
	}
	if person == nil || data == nil {
		return
	}
	c.share.mu.Lock()
	defer c.share.mu.Unlock()
	if old := c.share.people[a.Person]; old != nil {
		c.share.endSessions(old)
		delete(c.share.users, old.Username)
		delete(c.share.ids, old.id)
	}
	id := uuid(seeded(person.Seed, a.Username), forShareAccount, 0)
	account := &shareAccount{ShareAccount: a, id: id, data: data}
	c.share.people[a.Person], c.share.users[a.Username], c.share.ids[id] = account, account, account
}

// SetPassword changes the password of a person's account. Its sessions end; a
// lock stays. Whether the real sessions end is not known.
func (c *Cloud) SetPassword(person, password string) {
	c.share.mu.Lock()
	defer c.share.mu.Unlock()
	if a := c.share.people[person]; a != nil {
		a.Password = password
		c.share.endSessions(a)
	}
}

// SetSharing switches a person's sharing on or off. Without it, as without any
// follower, there are no readings. It hides them only: what was published
// meanwhile is there when it is on again, which is an assumption.
func (c *Cloud) SetSharing(person string, on bool) {
	c.share.mu.Lock()
	defer c.share.mu.Unlock()
	if a := c.share.people[person]; a != nil {
		a.unshared = !on
	}
}
