package dexcom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// AppConfig describes an app that is registered at developer.dexcom.com, for one
// region.
type AppConfig struct {
	ClientID     string
	ClientSecret string
	// RedirectURL is where Dexcom sends people back to, exactly as registered.
	RedirectURL string
	// BaseURL is where the region's API lives, see [Region.BaseURL].
	BaseURL string
	// Version is the one in the paths of OAuth; empty is [V3]. It does not depend
	// on the version of the data (clients).
	Version Version
	// Transport carries the requests; nil is [http.DefaultTransport].
	Transport http.RoundTripper
	// Wait is called before each request and may delay it, or refuse it with an
	// error; nil never does.
	Wait func(context.Context) error
}

// Format names the app without its secret, for every verb.
func (c AppConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "dexcom app "+c.ClientID) }

// App asks people for their consent and turns it into tokens. It may be used
// concurrently.
type App struct {
	oauth *oauth2.Config // a pointer: fmt follows the first one for some verbs
	http  *http.Client   // for tokens
	login *http.Client   // for the login page
	wait  func(context.Context) error
}

// The causes that callers tell apart. Only the first means that a person has to
// act: Dexcom's token endpoint fails in other ways with 4xx too, and recovers
// (clients).
var (
	errInvalidGrant  = errors.New("the refresh token or code is used, expired or revoked")
	errInvalidClient = errors.New("this client_id with this client_secret is unknown to Dexcom")
	errNoEndpoint    = errors.New("there is no token endpoint at this address")
	errNoTokens      = errors.New("the answer has no tokens: is there a proxy in between?")
	errBusyEndpoint  = errors.New("the token endpoint refused without saying why that is final")
)

// defaultLifetime is short: it stands in when Dexcom does not say how long an
// access token lives, which is 2 hours as a rule (clients).
const defaultLifetime = 5 * time.Minute

// NewApp checks the configuration; it contacts nobody.
func NewApp(config AppConfig) (*App, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("dexcom: the base URL is not an absolute http(s) address")
	}
	version := config.Version
	if version == "" {
		version = V3
	}
	root := strings.TrimSuffix(config.BaseURL, "/") + "/" + string(version) + "/oauth2/"
	next := config.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	return &App{
		oauth: &oauth2.Config{
			ClientID:     config.ClientID,
			ClientSecret: config.ClientSecret,
			RedirectURL:  config.RedirectURL,
			Scopes:       []string{"offline_access"},
			Endpoint: oauth2.Endpoint{
				AuthURL:  root + "login",
				TokenURL: root + "token",
				// Detecting the style would spend a one-shot code or token on the wrong one.
				AuthStyle: oauth2.AuthStyleInParams,
			},
		},
		wait:  config.Wait,
		http:  &http.Client{Transport: plainTokens{next}, CheckRedirect: noRedirect},
		login: &http.Client{Transport: next, CheckRedirect: noRedirect},
	}, nil
}

// maxTokenBody is far more than an answer with tokens has, whatever a proxy adds to it:
// one that is cut off costs the grant.
const maxTokenBody = 8 << 20

// noRedirect is for requests that carry a token or a secret: it goes to the
// configured host and nowhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// String names the app without its secret.
func (a *App) String() string { return "dexcom app " + a.oauth.ClientID }

// Format is [App.String] for every verb.
func (a *App) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// ConsentURL is the address at which a person logs in at Dexcom and consents. The
// state comes back with the answer.
// (developer.dexcom.com/docs/dexcom/authentication)
func (a *App) ConsentURL(state string) string { return a.oauth.AuthCodeURL(state) }

// RedirectURL is where Dexcom sends people back to.
func (a *App) RedirectURL() string { return a.oauth.RedirectURL }

// exchange turns the code of a consent, which lives one minute, into tokens.
func (a *App) exchange(ctx context.Context, code string) (*oauth2.Token, error) {
	if err := a.mayAsk(ctx); err != nil {
		return nil, err
	}
	token, err := a.ask(ctx, func(ctx context.Context) (*oauth2.Token, error) { return a.oauth.Exchange(ctx, code) })
	if err == nil && token.RefreshToken == "" {
		return nil, &Error{Op: "token", Reason: ReasonDecode, Err: errNoTokens}
	}
	return token, err
}

// refresh spends a refresh token and brings its successor. The caller has asked
// for the app's budget.
func (a *App) refresh(ctx context.Context, refreshToken string) (*oauth2.Token, error) {
	return a.ask(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		return a.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	})
}

// ask makes one token request. What is spent by it is spent whatever becomes of
// the caller: it goes on for 30 s although ctx ends.
func (a *App) ask(ctx context.Context, request func(context.Context) (*oauth2.Token, error)) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	token, err := request(context.WithValue(ctx, oauth2.HTTPClient, a.http))
	if err != nil {
		return nil, tokenError(err)
	}
	return token, nil
}

// mayAsk waits for the app's budget.
func (a *App) mayAsk(ctx context.Context) error {
	if a.wait == nil {
		return nil
	}
	if err := a.wait(ctx); err != nil {
		return &Error{Op: "token", Reason: ReasonRateLimited, Err: err}
	}
	return nil
}

// tokenError sorts a failure of the token endpoint and leaves out the answer's
// body, which the library's error quotes.
func tokenError(err error) error {
	e := &Error{Op: "token", Reason: ReasonServer, Err: errBusyEndpoint}
	answer, answered := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !answered && isType[*url.Error](err) && !isDecoding(err):
		e.Reason, e.Err = ReasonNetwork, causeOf(err)
		return e
	case !answered:
		e.Reason, e.Err = ReasonDecode, errNoTokens
		return e
	}
	if answer.Response != nil {
		e.StatusCode = answer.Response.StatusCode
		e.RetryAfter = retryAfter(answer.Response.Header.Get("Retry-After"))
	}
	switch {
	case answer.ErrorCode == "invalid_grant":
		e.Reason, e.Err = ReasonConsent, errInvalidGrant
	case answer.ErrorCode == "invalid_client" || answer.ErrorCode == "unauthorized_client":
		e.Reason, e.Err = ReasonCredentials, errInvalidClient
	case e.StatusCode == http.StatusTooManyRequests:
		e.Reason = ReasonRateLimited
	case e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusMethodNotAllowed:
		e.Reason, e.Err = ReasonOther, errNoEndpoint
	}
	return e
}

// plainTokens is an http.RoundTripper that rewrites a good answer of the token
// endpoint into the plain one that OAuth libraries expect. Dexcom's lifetimes may
// be missing or no number, other fields change their type, and a proxy changes the
// content type (clients): nothing of that may cost a refresh token that was spent,
// or hide a refusal.
type plainTokens struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (p plainTokens) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := p.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxTokenBody))
	_ = response.Body.Close() // only read from
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	plain, err := plainToken(body)
	good := response.StatusCode/100 == 2 // all of which the library takes for tokens
	switch {
	case err == nil && good:
		body = plain
	case good:
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	if err == nil {
		response.Header.Set("Content-Type", "application/json")
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	return response, nil
}

// plainToken writes what matters in a body of the token endpoint in the standard's
// own terms.
func plainToken(body []byte) ([]byte, error) {
	var wire struct {
		AccessToken  wireText   `json:"access_token"`
		RefreshToken wireText   `json:"refresh_token"`
		ExpiresIn    wireNumber `json:"expires_in"`
	}
	if err := decodeObject(body, &wire); err != nil {
		return nil, err
	}
	lifetime := defaultLifetime.Seconds()
	if n := wire.ExpiresIn; n.ok && n.value >= 1 && n.value < (366*24*time.Hour).Seconds() {
		lifetime = n.value
	}
	return json.Marshal(map[string]any{
		"access_token": wire.AccessToken, "refresh_token": wire.RefreshToken, "token_type": "Bearer", "expires_in": int(lifetime),
	})
}
