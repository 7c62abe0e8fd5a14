package simulator

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// ShareSettings are what Dexcom Share can do in more than one way. The zero
// value is Share of today in the US.
//
// Dexcom does not document Share. Paths, bodies and codes are those that public
// clients know, above all github.com/gagebenne/pydexcom and
// github.com/nightscout/share2nightscout-bridge.
type ShareSettings struct {
	// Region is "us", "ous" (all but US and Japan) or "jp"; empty is "us".
	// The first two have one applicationId, jp has another.
	Region string

	// SessionLife is how long new sessions live; zero is 24 hours.
	SessionLife time.Duration

	// MaxFailures is how many failed logins in a row lock an account; zero is
	// 5. The number of the real Share is not known.
	MaxFailures int

	// LockLife is how long an account stays locked after the last login that
	// was tried; zero is 10 minutes. The time of the real Share is not known.
	LockLife time.Duration

	// CallsPerHour is how many calls are answered in a sliding hour, those of
	// all people together; the others get a page with 429. Zero is no limit.
	// They do not count for [Cloud.LimitCalls].
	CallsPerHour int

	// InternalError refuses logins with SSO_InternalError in place of
	// AccountPasswordInvalid.
	InternalError bool

	// OldSpelling tells of a lock as SSO_AuthenticateMaxAttemptsExceeed.
	OldSpelling bool

	// JSONSubCode sends the details of failures as JSON, as since 2025-11, in
	// place of XML.
	JSONSubCode bool

	// Seed makes the sessions of clouds differ that know the same users.
	Seed uint64
}

// SetShare changes the settings of Share for the requests to come.
func (c *Cloud) SetShare(s ShareSettings) {
	c.share.limit(s.CallsPerHour)
	c.share.mu.Lock()
	defer c.share.mu.Unlock()
	c.share.settings = s
}

// applicationID is what each client of a region sends, whoever made it
// (github.com/gagebenne/pydexcom, const.py).
func (s *ShareSettings) applicationID() string {
	if s.Region == "jp" {
		return "d8665ade-9673-4e27-9ff6-92db4ce13d13"
	}
	return "d89443d2-327c-4a6f-89e5-496bbb0317db"
}

// zeroUUID stands for no account and no session.
const zeroUUID = "00000000-0000-0000-0000-000000000000"

// shareServer is the memory of Share. It is safe for concurrent use.
type shareServer struct {
	calls callLimit

	mu       sync.Mutex // guards all below
	settings ShareSettings
	people   map[string]*shareAccount // by name of the person
	users    map[string]*shareAccount // by user name
	ids      map[string]*shareAccount // by account id
	sessions map[string]*shareSession // ended ones too
	drawn    int64                    // how many ids were
}

func newShareServer() *shareServer {
	return &shareServer{
		calls:    callLimit{perHour: -1},
		people:   make(map[string]*shareAccount),
		users:    make(map[string]*shareAccount),
		ids:      make(map[string]*shareAccount),
		sessions: make(map[string]*shareSession),
	}
}

// uuid draws an id. The order of requests decides it, so that runs inside
// testing/synctest repeat.
func (s *shareServer) uuid(user string, why purpose) string {
	s.drawn++
	return uuid(seeded(s.settings.Seed, user), why, s.drawn)
}

// serveShare puts Share beside the API.
func (c *Cloud) serveShare() {
	const services = "/ShareWebServices/Services/"
	const general, publisher = services + "General/", services + "Publisher/"
	post := func(path string, h http.HandlerFunc) { c.mux.Handle(path, c.share.guard(http.MethodPost, h)) }
	post(general+"AuthenticatePublisherAccount", c.shareLogin((*shareServer).authenticate))
	post(general+"LoginPublisherAccountById", c.shareLogin((*shareServer).loginByID))
	post(general+"LoginPublisherAccountByName", c.shareLogin((*shareServer).loginByName))
	post(publisher+"ReadPublisherLatestGlucoseValues", c.shareRead)
	c.mux.Handle(general+"SystemUtcTime", c.share.guard(http.MethodGet, c.shareTime))
}

// guard lets requests of one method pass, as many as the limit allows. The page
// for the others is Cloudflare's, which stands in front of Share.
func (s *shareServer) guard(method string, endpoint http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, refused := s.calls.call(time.Now().Unix()); refused {
			AnswerHTML(http.StatusTooManyRequests).serve(w, r, nil)
			return
		}
		if r.Method != method {
			w.Header().Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "method not allowed")
			return
		}
		endpoint(w, r)
	})
}

// limit sets the calls of an hour; zero is no limit.
func (s *shareServer) limit(perHour int) {
	if perHour == 0 {
		perHour = -1
	}
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.perHour = perHour
}

// serveOrFail lets an endpoint answer what somebody asked, or go wrong.
func (c *Cloud) serveOrFail(person string, w http.ResponseWriter, r *http.Request, endpoint http.HandlerFunc) {
	f := c.dataFaults.next(Target{"share", path.Base(r.URL.Path), person})
	if f.serve == nil {
		endpoint(w, r)
		return
	}
	f.serve(w, r, endpoint)
}

// isUUID tells whether a text has the form of one.
func isUUID(text string) bool {
	outline := strings.Map(func(r rune) rune {
		if strings.ContainsRune("123456789abcdefABCDEF", r) {
			return '0'
		}
		return r
	}, text)
	return outline == zeroUUID
}
