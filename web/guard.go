package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// Guard decides who is answered on one listener.
type Guard struct {
	// Loopback is whether only this machine can reach the listener.
	Loopback bool
	// Authenticated tells whether the client of a request had to prove who it is.
	// It is asked each time, because the web configuration file may change while
	// the program runs.
	Authenticated func(*http.Request) bool
	// OpenPages lifts both guards.
	OpenPages bool
	// Hosts are the names, besides those of the loopback interface, under which a
	// loopback listener answers, in lower case and without ports.
	Hosts []string
}

// pages guards what people look at: readings with a name beside them. Without
// authentication it is for this machine only.
func (g Guard) pages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.OpenPages && !g.Loopback && !g.Authenticated(r) {
			say(w, http.StatusForbidden, "This listener is open to others, so it shows no pages without authentication: "+
				"open the page on a listener of the loopback interface (--web.listen-address=127.0.0.1:10180 beside this one), "+
				"set basic_auth_users or require client certificates in --web.config.file, "+
				"or start with --web.open-pages if only trusted people reach this address.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// everything guards all routes of a loopback listener without authentication
// against requests that come from elsewhere: through a name that an attacker
// points at 127.0.0.1 (DNS rebinding), or through a proxy somebody forgot.
func (g Guard) everything(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.OpenPages || !g.Loopback || g.Authenticated(r) {
			next.ServeHTTP(w, r)
			return
		}
		switch {
		case forwarded(r.Header):
			say(w, http.StatusForbidden, "This request came through a proxy, and there is no authentication: "+
				"set basic_auth_users in --web.config.file, or start with --web.open-pages if the proxy lets only trusted people in.")
		case !g.knows(r.Host):
			say(w, http.StatusForbidden, "This address answers to localhost, 127.0.0.1, [::1] and the host of a configured redirect_url only; "+
				"start with --web.open-pages to lift that.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// forwarded tells whether a proxy says that it was there. One that adds nothing
// cannot be seen.
func forwarded(header http.Header) bool {
	for name := range header {
		if slices.Contains([]string{"Forwarded", "Via", "X-Real-Ip"}, name) || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// knows compares the Host header without its port.
func (g Guard) knows(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, name) || slices.Contains(g.Hosts, name)
}

// serveCrossSite refuses what another site wants done here (http.CrossOriginProtection).
func serveCrossSite(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusForbidden, "This came from another site, so nothing was done: open the status page by its own address and press the button there.")
}
