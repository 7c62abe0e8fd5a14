package simulator

// ShareCounts are how often things happened to an account since it was given.
// Requests that a [Fault] answered are not among them, those whose answer it
// lost are.
type ShareCounts struct {
	Authentications int // account ids told for a right password
	Logins          int // sessions opened
	FailedLogins    int // passwords or applicationIds refused, by either call
	LockedLogins    int // passwords not looked at, by either call
	Reads           int // requests for readings with a live session
	LateReads       int // requests for readings with a session that had ended
}

// ShareCounts returns the counts of a person's account as they are now.
func (c *Cloud) ShareCounts(person string) ShareCounts {
	c.share.mu.Lock()
	defer c.share.mu.Unlock()
	if a := c.share.people[person]; a != nil {
		return a.counts
	}
	return ShareCounts{}
}
