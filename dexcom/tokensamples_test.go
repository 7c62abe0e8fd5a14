package dexcom

import (
	"net/http"
	"strings"
	"testing"
	"time"
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
