package simulator

import "maps"

// OAuthCounts are how often things happened since the cloud was made.
type OAuthCounts struct {
	// Logins are how often a person was picked on the login page.
	Logins int

	// Tokens are the requests the token endpoint worked on, by result: "ok",
	// the value of error such as "invalid_grant", "method not allowed", or
	// "outage". Requests whose answer was then lost are among them.
	Tokens map[string]int

	// Faults are the token requests that went wrong on purpose, by the name of
	// the [Fault].
	Faults map[string]int
}

// OAuthCounts returns the counts as they are now. The maps are the caller's.
func (c *Cloud) OAuthCounts() OAuthCounts {
	c.oauth.mu.Lock()
	defer c.oauth.mu.Unlock()
	counts := c.oauth.counts
	counts.Tokens = maps.Clone(counts.Tokens)
	counts.Faults = c.tokenFaults.counts()
	return counts
}

func (o *authority) count(result string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts.Tokens[result]++
}

func (o *authority) countLogin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts.Logins++
}
