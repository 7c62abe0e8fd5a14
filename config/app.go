package config

import (
	"strings"
	"unicode"
)

// maxCallsPerHour is what Dexcom grants an app for all its users together (developer.dexcom.com/docs).
const maxCallsPerHour = 60000

// App is an application registered at developer.dexcom.com, for one region.
type App struct {
	// ClientID and ClientSecret are the app's credentials; neither is empty.
	ClientID     string
	ClientSecret Secret
	// RedirectURL is where Dexcom sends people back, exactly as registered with the app.
	RedirectURL string
	// OAuthVersion is the version in the OAuth paths: v3 or v2.
	OAuthVersion string
	// BaseURL replaces the region's address; empty means the address of the region.
	BaseURL string
	// RateLimit is the number of calls per hour that all accounts of the app share, token calls included.
	RateLimit int
}

// readApps reads the apps by region.
func readApps(v value) map[string]App {
	apps := map[string]App{}
	for region, entry := range v.mapping().all() {
		if !apiRegions().has(region) {
			entry.failUnknown("%s", apiRegions().refusal(region))
		} else if !entry.missing() {
			apps[region] = readApp(entry)
		}
	}
	return apps
}

// readApp reads one app.
func readApp(v value) App {
	m := v.mapping()
	defer m.finish()
	return App{
		ClientID:     m.get("client_id").written().word(),
		ClientSecret: m.secret("client_secret"),
		// Dexcom mangles registered addresses that have a query.
		RedirectURL:  m.get("redirect_url").redirectAddress(),
		OAuthVersion: m.get("oauth_version").oneOf("v3", "v2"),
		BaseURL:      m.get("base_url").webAddress(""),
		RateLimit:    m.get("rate_limit").integer(54000, 1, maxCallsPerHour),
	}
}

// redirectAddress reads where Dexcom sends people back to. The program answers at one path only.
func (v value) redirectAddress() string {
	const path = "/oauth/callback"
	address := v.webAddress("http://localhost:10180" + path)
	if address != "" && !strings.HasSuffix(address, path) {
		v.fail("must end in " + path + ", where the program receives Dexcom's answer")
	}
	return address
}

// word reads a text without white space.
func (v value) word() string {
	text := v.straight()
	if strings.ContainsFunc(text, unicode.IsSpace) {
		v.fail("contains white space, copy it again")
	}
	return text
}
