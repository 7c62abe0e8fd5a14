package dexcom

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// wantToken is what a good answer of the token endpoint must give.
type wantToken struct {
	access, afterExchange, afterRefresh string // the refresh tokens; "" where there is no token
}

func tokenSamples() map[string]wantToken {
	const header = "eyJhbGciOiJSUzI1NiJ9."
	const refresh = "eyJhbGciOiJIUzI1NiJ9.SAMPLE-REFRESH-"
	return map[string]wantToken{
		"v2/token_authorization_code.json":                 {header + "SAMPLE-ACCESS.sig", "SAMPLE-REFRESH-0001", "SAMPLE-REFRESH-0001"},
		"v2/token_refresh.json":                            {header + "SAMPLE-ACCESS-2.sig", "SAMPLE-REFRESH-0002", "SAMPLE-REFRESH-0002"},
		"v3/token_authorization_code.json":                 {header + "SAMPLE-ACCESS-1.sig", refresh + "1.sig", refresh + "1.sig"},
		"v3/token_refresh.json":                            {header + "SAMPLE-ACCESS-2.sig", refresh + "2.sig", refresh + "2.sig"},
		"v3/token_doc_quirk_not_before_policy_string.json": {header + "SAMPLE-ACCESS-3.sig", refresh + "3.sig", refresh + "3.sig"},
		"v3/token_missing_refresh_token_ASSUMED.json":      {header + "SAMPLE-ACCESS-4.sig", "", "before"}, // a consent without one is none
	}
}

// tokenErrorSamples are refusals of the token endpoint and their reasons: only
// invalid_grant wants the person.
func tokenErrorSamples() map[string]string {
	return map[string]string{
		"v2/error_token_invalid_client.json":                         ReasonCredentials,
		"v2/error_token_invalid_grant.json":                          ReasonConsent,
		"v2/error_token_invalid_request.json":                        ReasonServer,
		"v2/error_token_unauthorized_client.json":                    ReasonCredentials,
		"v2/error_token_unsupported_grant_type.json":                 ReasonServer,
		"v3/error_token_invalid_client.json":                         ReasonCredentials,
		"v3/error_token_invalid_grant.json":                          ReasonConsent,
		"v3/error_token_invalid_grant_with_description_ASSUMED.json": ReasonConsent,
		"v3/error_token_invalid_request.json":                        ReasonServer,
		"v3/error_token_unauthorized_client.json":                    ReasonCredentials,
		"v3/error_token_unsupported_grant_type.json":                 ReasonServer,
	}
}

// appAnswered is an app whose token endpoint answers one thing only.
func appAnswered(t *testing.T, name string, status int) *App {
	t.Helper()
	body := sample(t, name)
	app, err := NewApp(AppConfig{
		ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: "http://dexcom.test", Version: versionOf(name),
		Transport: roundTrip(func(r *http.Request) (int, []byte) {
			if want := "/" + string(versionOf(name)) + "/oauth2/token"; r.URL.Path != want {
				t.Errorf("%s: asked %s", name, r.URL.Path)
			}
			return status, body
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestTokenSamples(t *testing.T) {
	t.Parallel()
	for name, want := range tokenSamples() {
		app := appAnswered(t, name, http.StatusOK)
		exchanged, err := app.exchange(t.Context(), "code")
		switch {
		case want.afterExchange == "" && Reason(err) != ReasonDecode:
			t.Errorf("%s: %v; want %s", name, err, ReasonDecode)
		case want.afterExchange != "" && (err != nil || exchanged.AccessToken != want.access || exchanged.RefreshToken != want.afterExchange):
			t.Errorf("%s exchanged: %v", name, err)
		}
		refreshed, err := app.refresh(t.Context(), "before")
		if err != nil || refreshed.AccessToken != want.access || refreshed.RefreshToken != want.afterRefresh {
			t.Fatalf("%s refreshed: %v", name, err)
		}
		if left := time.Until(refreshed.Expiry); left < 119*time.Minute || left > 2*time.Hour {
			t.Errorf("%s lives for %v, want 2h", name, left)
		}
	}
}

func TestTokenErrorSamples(t *testing.T) {
	t.Parallel()
	for name, want := range tokenErrorSamples() {
		app := appAnswered(t, name, http.StatusBadRequest)
		_, exchangeErr := app.exchange(t.Context(), "code")
		_, refreshErr := app.refresh(t.Context(), "before")
		for _, err := range []error{exchangeErr, refreshErr} {
			if Reason(err) != want || strings.Contains(err.Error(), "not active") {
				t.Errorf("%s: %v; want %s", name, err, want)
			}
		}
	}
}

// fixedAnswer answers every request alike.
type fixedAnswer struct {
	status int
	header http.Header
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (a fixedAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	maps.Copy(header, a.header) // whoever gets it may add to it
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}

// FuzzTokenAnswer gives any answer of the token endpoint: it brings tokens that can be
// used and kept, or an error of the closed set that quotes nothing.
func FuzzTokenAnswer(f *testing.F) {
	const media, soon = "application/json", "30"
	for name := range tokenSamples() {
		f.Add(uint16(http.StatusOK), media, soon, sample(f, name))
	}
	for name := range tokenErrorSamples() {
		f.Add(uint16(http.StatusBadRequest), media, soon, sample(f, name))
	}
	for _, body := range []string{
		``, `null`, `[]`, `<html>`, `error=invalid_grant`, `{"error":"invalid_grant"}`, `{"error":{"error":"invalid_grant"}}`, "{\"access_token\":\"\xff\"}",
		`{"access_token":"a","refresh_token":"b","expires_in":"1e400"}`, `{"access_token":"a","refresh_token":"b","expires_in":-1}`, `{"access_token":7,"refresh_token":"b","expires_in":31622399.9}`,
		`{"access_token":"a","access_token":"","refresh_token":["b"],"expires_in":NaN}`, `{"error":"invalid_client","error_description":"SECRET spent-token"}`,
	} {
		for _, status := range []uint16{200, 201, 302, 400, 401, 404, 429, 503} {
			f.Add(status, "text/plain", "Fri, 31 Dec 9999 23:59:59 GMT", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, media, retryAfter string, body []byte) {
		answer := fixedAnswer{200 + int(status)%400, http.Header{"Content-Type": {media}, "Retry-After": {retryAfter}}, body}
		app, err := NewApp(AppConfig{ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: "http://dexcom.test", Transport: answer})
		if err != nil {
			t.Fatal(err)
		}
		exchanged, err := app.exchange(t.Context(), "SECRET-code")
		checkTokens(t, answer, exchanged, err)
		refreshed, err := app.refresh(t.Context(), "SECRET-spent")
		checkTokens(t, answer, refreshed, err)
	})
}

func checkTokens(t *testing.T, answer fixedAnswer, token *oauth2.Token, err error) {
	t.Helper()
	if err == nil {
		left := time.Until(token.Expiry)
		if token.AccessToken == "" || token.RefreshToken == "" || left <= 0 || left > 366*24*time.Hour || answer.status/100 != 2 {
			t.Errorf("%d %q: tokens that expire in %v", answer.status, answer.body, left)
		}
		return
	}
	e, ours := errors.AsType[*Error](err)
	if !ours || token != nil || e.Op != "token" || !slices.Contains(Reasons(), e.Reason) || e.RetryAfter < 0 || e.Reason == ReasonConsent && answer.status/100 == 2 {
		t.Fatalf("%d %q: %#v", answer.status, answer.body, err)
	}
	if !isTokenCause(e.Err) || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%d %q: %v", answer.status, answer.body, err)
	}
}

// isTokenCause tells whether a cause is one of those whose text is fixed.
func isTokenCause(err error) bool {
	fixed := slices.Contains([]error{errInvalidGrant, errInvalidClient, errNoEndpoint, errNoTokens, errBusyEndpoint}, err)
	return fixed || isType[*cause](err)
}
