package e2e

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"regexp"
	"strings"
	"sync"
)

// tap stands between the program and a service, tells a watch of the secrets that it
// hears, and answers as a broken or hostile service would, when told to. It is safe
// for concurrent use.
type tap struct {
	next      http.Handler
	watch     *watch
	elsewhere string // where it redirects to

	mu     sync.Mutex // guards what follows
	kind   string     // of requests that fail
	how    string
	struck int // requests that failed since
}

// The ways to fail: all but the redirect say back what they were asked, as debugging
// proxies do.
const (
	echoPage     = "a page"
	echoRefusal  = "a refusal"
	echoFault    = "a fault"
	echoGood     = "a good answer"
	sendsAway    = "a redirect"
	sendsAwayOff = "a redirect that keeps the method"
)

// fail has requests of a kind fail from now on; no kind ends that.
func (p *tap) fail(kind, how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kind, p.how, p.struck = kind, how, 0
}

// failed is how many requests have failed since fail.
func (p *tap) failed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

// failing is how a request is to fail; empty if it is not.
func (p *tap) failing(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kind == "" || p.kind != kindOf(r) {
		return ""
	}
	p.struck++
	return p.how
}

// kindOf sorts requests.
func kindOf(r *http.Request) string {
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth2/token"):
		return "token"
	case strings.Contains(r.URL.Path, "/users/self/"):
		return "data"
	case strings.Contains(r.URL.Path, "/ShareWebServices/"):
		return "share"
	case strings.HasSuffix(r.URL.Path, "/v1/metrics"):
		return "push"
	}
	return "login page"
}

// ServeHTTP implements http.Handler.
func (p *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, err := httputil.DumpRequest(r, true) // and puts the body back
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.overhear(string(asked))
	if how := p.failing(r); how != "" {
		p.refuse(w, r, how, string(asked))
		return
	}
	answer := httptest.NewRecorder()
	p.next.ServeHTTP(answer, r)
	body := answer.Body.String()
	p.overhear(answer.Header().Get("Location") + "\n" + body)
	if kindOf(r) == "share" {
		for _, id := range regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindAllString(body, -1) {
			p.watch.learn(map[bool]string{true: "Share account", false: "Share session"}[strings.HasSuffix(r.URL.Path, "/AuthenticatePublisherAccount")], id)
		}
	}
	if strings.HasSuffix(r.URL.Path, "/egvs") || strings.HasSuffix(r.URL.Path, "/ReadPublisherLatestGlucoseValues") {
		body = regexp.MustCompile(`("[vV]alue":\s*)\d+`).ReplaceAllString(body, "${1}"+telltale)
	}
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = w.Write([]byte(body)) // fails only if the client is gone
}

// overhear tells the watch of secrets in a request or an answer.
func (p *tap) overhear(text string) {
	for kind, pattern := range map[string]string{
		"access token":       `"access_token":\s*"([^"]+)"|Authorization: Bearer ([0-9a-f]+)`,
		"refresh token":      `"refresh_token":\s*"([^"]+)"`,
		"session state":      `"session_state":\s*"([^"]+)"`,
		"authorization code": `[?&\n]code=([^&\s]+)`,
		"OAuth state":        `[?&\n]state=([^&\s]+)`,
		"Dexcom user":        `"userId":\s*"([^"]+)"`,
		"transmitter":        `"transmitterId":\s*"([^"]+)"`,
	} {
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			p.watch.learn(kind, strings.Join(found[1:], ""))
		}
	}
}

// refuse fails, and says back what was asked.
func (p *tap) refuse(w http.ResponseWriter, r *http.Request, how, asked string) {
	page := "<html><title>" + html.EscapeString(asked) + "</title><pre>" + asked + "</pre>"
	status, kind := http.StatusOK, "text/html"
	switch how {
	case echoRefusal:
		status, kind = http.StatusUnauthorized, "application/json"
		page = fmt.Sprintf(`{"error": "invalid_client", "error_description": %[1]q, "fault": {"faultstring": %[1]q}, "Code": "SessionNotValid", "Message": %[1]q, "message": %[1]q}`, asked)
	case echoFault:
		status = http.StatusInternalServerError
	case echoGood:
		kind = "application/json"
		page = fmt.Sprintf(`{"access_token": 7, "expires_in": %[1]q, "records": %[1]q, "userId": %[1]q, "partialSuccess": {"rejectedDataPoints": "3", "errorMessage": %[1]q}}`, asked)
	case sendsAway, sendsAwayOff:
		status = map[string]int{sendsAway: http.StatusFound, sendsAwayOff: http.StatusPermanentRedirect}[how]
		w.Header().Set("Location", p.elsewhere+r.URL.RequestURI())
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Echo", strings.Join(strings.Fields(asked), " "))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // as above
}
