package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Consent does what the person of that name does in a browser: open the
// address of the login page, be picked, then allow or refuse. It returns the
// address the browser is sent to, with code and state, or error and state. It
// fails where the page would say that it cannot go on.
func (c *Cloud) Consent(loginURL, name string, allow bool) (redirect string, err error) {
	u, err := url.Parse(loginURL)
	if err != nil {
		return "", errors.New("open login page: the address is malformed") // err would tell the state
	}
	version, found := loginVersion(u.Path)
	if !found {
		return "", fmt.Errorf("open login page: %s is not there", u.Path)
	}
	l, err := c.oauth.parseLogin(version, u.RawQuery)
	if err != nil {
		return "", fmt.Errorf("open login page: %w", err)
	}
	p := c.people[name]
	if p == nil {
		return "", fmt.Errorf("log in: nobody is called %q", name)
	}
	c.oauth.countLogin()
	return c.oauth.decide(l, p, allow, c.now()), nil
}

// loginVersion is the API version whose login page a path ends in. A cloud may
// be mounted below a prefix.
func loginVersion(path string) (string, bool) {
	for _, version := range []string{"v2", "v3"} {
		if strings.HasSuffix(path, "/"+version+"/oauth2/login") {
			return version, true
		}
	}
	return "", false
}
