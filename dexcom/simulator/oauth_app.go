package simulator

import "slices"

// App is a client application as registered with Dexcom, for one region.
type App struct {
	ClientID     string
	ClientSecret string

	// RedirectURLs are the addresses a person may be sent back to. A request
	// must name one of them to the letter.
	RedirectURLs []string

	// Suspended apps keep their credentials but are refused: by the token
	// endpoint with unauthorized_client, by the login page like unknown ones.
	Suspended bool
}

// Register makes an app known to the cloud. One with the same client id is
// replaced: its old secret is dead at once, its grants stay. To every other
// cloud, hence in every other region, the app is unknown.
func (c *Cloud) Register(app App) {
	app.RedirectURLs = slices.Clone(app.RedirectURLs)
	c.oauth.mu.Lock()
	defer c.oauth.mu.Unlock()
	c.oauth.apps[app.ClientID] = app
}

// mayAsk tells whether an app may send people to the login page and have them
// sent back to redirectURL.
func (o *authority) mayAsk(clientID, redirectURL string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	app, known := o.apps[clientID]
	return known && !app.Suspended && slices.Contains(app.RedirectURLs, redirectURL)
}

// authenticate refuses an app that is not what it says it is.
func (o *authority) authenticate(clientID, secret string) oauthError {
	o.mu.Lock()
	defer o.mu.Unlock()
	app, known := o.apps[clientID]
	switch {
	case !known || app.ClientSecret != secret:
		return invalidClient
	case app.Suspended:
		return unauthorizedClient
	default:
		return ""
	}
}
