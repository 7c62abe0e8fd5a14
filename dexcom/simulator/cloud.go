package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Cloud serves people over HTTP as Dexcom's servers do. It is safe for
// concurrent use. It is an http.Handler, to be mounted at the root of the base
// URL, and an http.RoundTripper that needs no sockets.
type Cloud struct {
	people map[string]*Person // by name
	tokens map[string]*Person // by access token that never changes
	mux    *http.ServeMux
	oauth  *authority
	share  *shareServer

	ahead       atomic.Int64 // nanoseconds of the cloud's clock before ours
	calls       callLimit
	tokenFaults faultPlan
	dataFaults  dataFaults
}

// New returns a cloud with these people in it. They must not change afterwards,
// and their names must differ.
func New(people ...*Person) *Cloud {
	c := &Cloud{
		people: make(map[string]*Person),
		tokens: make(map[string]*Person),
		mux:    http.NewServeMux(),
		oauth:  newAuthority(),
		share:  newShareServer(),
		calls:  callLimit{perHour: dexcomLimit},
	}
	for _, p := range people {
		c.people[p.Name] = p
		c.tokens[p.accessToken()] = p
	}
	for _, version := range []string{"v2", "v3"} {
		c.mux.Handle("/"+version+"/oauth2/login", c.login(version))
		c.mux.Handle("/"+version+"/oauth2/token", c.calls.wrap(c.tokenFaults.wrap(http.HandlerFunc(c.token))))
	}
	c.mux.Handle("/v2/users/self/egvs", c.data(v2GetEGVs))
	c.mux.Handle("/v2/users/self/calibrations", c.data(v2Records("calibrations", (*Person).v2Calibrations)))
	c.mux.Handle("/v2/users/self/events", c.data(v2Records("events", (*Person).v2Events)))
	c.mux.Handle("/v2/users/self/devices", c.data(v2Devices))
	c.mux.Handle("/v2/users/self/dataRange", c.data(v2DataRange))
	c.mux.Handle("/v2/users/self/statistics", c.guard(http.MethodPost, v2PostStatistics))
	c.mux.Handle("/v3/users/self/egvs", c.data(v3EGVs))
	c.mux.Handle("/v3/users/self/calibrations", c.data(v3Records("calibration", (*Person).v3Calibrations)))
	c.mux.Handle("/v3/users/self/events", c.data(v3Records("event", (*Person).v3Events)))
	c.mux.Handle("/v3/users/self/alerts", c.data(v3Records("alert", (*Person).v3AlertRecords)))
	c.mux.Handle("/v3/users/self/devices", c.data(v3Devices))
	c.mux.Handle("/v3/users/self/dataRange", c.data(v3DataRange))
	c.serveShare()
	return c
}

// Person returns the person of that name, nil if there is none.
func (c *Cloud) Person(name string) *Person { return c.people[name] }

// AccessToken returns the bearer token that opens a person's data, and "" if
// there is no such person. It never changes and needs no consent.
func (c *Cloud) AccessToken(name string) string {
	p, ok := c.people[name]
	if !ok {
		return ""
	}
	return p.accessToken()
}

func (p *Person) accessToken() string {
	return hash64(seeded(p.Seed, p.Name), forToken, 0)
}

// ServeHTTP answers one request. Now is time.Now, see [Cloud.SetClock].
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// endpoint answers a request for a person's own data.
type endpoint func(p *Person, now time.Time, w http.ResponseWriter, r *http.Request)

// data guards an endpoint that is read: GET only.
func (c *Cloud) data(e endpoint) http.Handler { return c.guard(http.MethodGet, e) }

// guard lets requests of one method pass, and only with the person's token.
func (c *Cloud) guard(method string, e endpoint) http.Handler {
	return c.calls.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "method not allowed")
			return
		}
		now := c.now()
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		p := c.reader(token, now)
		if !bearer || p == nil {
			unauthorized(w)
			return
		}
		c.dataFaults.serve(p, w, r, func(w http.ResponseWriter, r *http.Request) { e(p, now, w, r) })
	}))
}

// reader is the person whose data an access token opens, nil if it opens none.
func (c *Cloud) reader(access string, now time.Time) *Person {
	if p, fixed := c.tokens[access]; fixed {
		return p
	}
	return c.oauth.reader(access, now)
}

// unauthorized answers as the gateway in front of Dexcom's API is thought to.
func unauthorized(w http.ResponseWriter) {
	type detail struct {
		ErrorCode string `json:"errorcode"`
	}
	type fault struct {
		FaultString string `json:"faultstring"`
		Detail      detail `json:"detail"`
	}
	answer(w, http.StatusUnauthorized, struct {
		Fault fault `json:"fault"`
	}{fault{"Invalid Access Token", detail{"keymanagement.service.invalid_access_token"}}})
}

// refuse answers a request that cannot be served.
func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, struct {
		Errors []string `json:"errors"`
	}{[]string{reason}})
}

// answer sends a body as JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only if the client is gone
}
