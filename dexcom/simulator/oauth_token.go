package simulator

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// TokenSettings are what the token endpoint can do in more than one way. The
// zero value is what Dexcom documents.
type TokenSettings struct {
	// AccessLifetime is how long new access tokens live; zero is two hours.
	AccessLifetime time.Duration

	// ExpiresIn is the JSON sent as expires_in. Nil is the lifetime in whole
	// seconds; if it is empty but not nil the key is left out.
	ExpiresIn json.RawMessage

	// NotBeforePolicyText sends not-before-policy as a string, like a sample
	// of Dexcom's, in place of a number.
	NotBeforePolicyText bool

	// NoRotation answers refreshes without a refresh_token, and the old one
	// stays valid. Codes are still exchanged for both tokens.
	NoRotation bool

	// Seed makes the tokens of clouds differ that know the same app.
	Seed uint64
}

// SetTokens changes the settings of the token endpoint for the requests to come.
func (c *Cloud) SetTokens(s TokenSettings) {
	c.oauth.mu.Lock()
	defer c.oauth.mu.Unlock()
	c.oauth.settings = s
}

func (s *TokenSettings) lifetime() time.Duration {
	if s.AccessLifetime == 0 {
		return 2 * time.Hour
	}
	return s.AccessLifetime
}

// oauthError is the value of error in an answer of the token endpoint; empty
// is none (RFC 6749 section 5.2; the schemas of Dexcom's OpenAPI file).
type oauthError string

const (
	invalidRequest       oauthError = "invalid_request"
	invalidClient        oauthError = "invalid_client"
	invalidGrant         oauthError = "invalid_grant"
	unauthorizedClient   oauthError = "unauthorized_client"
	unsupportedGrantType oauthError = "unsupported_grant_type"
)

// tokenBody is the answer to a code or a refresh token
// (developer.dexcom.com/docs/dexcomv3, sample of the token endpoint).
type tokenBody struct {
	AccessToken      string          `json:"access_token"`
	ExpiresIn        json.RawMessage `json:"expires_in,omitempty"`
	TokenType        string          `json:"token_type"`
	RefreshToken     string          `json:"refresh_token,omitempty"`
	RefreshExpiresIn int             `json:"refresh_expires_in"`
	NotBeforePolicy  any             `json:"not-before-policy"`
	SessionState     string          `json:"session_state"`
}

// body is an answer without the tokens.
func (s *TokenSettings) body() tokenBody {
	b := tokenBody{ExpiresIn: s.ExpiresIn, TokenType: "Bearer", NotBeforePolicy: 1726871301}
	if s.ExpiresIn == nil {
		b.ExpiresIn = strconv.AppendInt(nil, int64(s.lifetime()/time.Second), 10)
	}
	if s.NotBeforePolicyText {
		b.NotBeforePolicy = "1726871301,"
	}
	return b
}

// token is the token endpoint of both API versions.
func (c *Cloud) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		c.oauth.count("method not allowed")
		refuse(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	now := c.now()
	form, problem := tokenForm(w, r)
	if form.Get("grant_type") == "refresh_token" && c.tokenFaults.outage(now) {
		c.oauth.count("outage")
		page(w, http.StatusServiceUnavailable, "failure", http.StatusText(http.StatusServiceUnavailable))
		return
	}
	var body tokenBody
	if problem == "" {
		body, problem = c.oauth.serve(form, now)
	}
	if problem != "" {
		c.oauth.count(string(problem))
		answer(w, http.StatusBadRequest, map[string]oauthError{"error": problem})
		return
	}
	c.oauth.count("ok")
	answer(w, http.StatusOK, body)
}

// tokenForm reads the parameters, which are the body and nothing else: no
// query, no JSON, no Basic authentication, none of them twice.
func tokenForm(w http.ResponseWriter, r *http.Request) (url.Values, oauthError) {
	const longest = 64 << 10
	if r.Header.Get("Authorization") != "" {
		return nil, invalidClient
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return nil, invalidRequest
	}
	r.Body = http.MaxBytesReader(w, r.Body, longest)
	if err := r.ParseForm(); err != nil {
		return nil, invalidRequest
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return nil, invalidRequest
		}
	}
	return r.PostForm, ""
}

// serve does what a form asks for.
func (o *authority) serve(form url.Values, now time.Time) (tokenBody, oauthError) {
	id := form.Get("client_id")
	if problem := o.authenticate(id, form.Get("client_secret")); problem != "" {
		return tokenBody{}, problem
	}
	has := func(name string) bool { return form.Get(name) != "" }
	switch form.Get("grant_type") {
	case "authorization_code":
		if !has("code") || !has("redirect_uri") {
			return tokenBody{}, invalidRequest
		}
		return o.exchange(id, form.Get("code"), form.Get("redirect_uri"), now)
	case "refresh_token": // older clients send a redirect_uri too, newer ones do not
		if !has("refresh_token") {
			return tokenBody{}, invalidRequest
		}
		return o.renew(id, form.Get("refresh_token"), now)
	case "":
		return tokenBody{}, invalidRequest
	default:
		return tokenBody{}, unsupportedGrantType
	}
}
