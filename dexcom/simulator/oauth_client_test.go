package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	callback = "http://localhost:10180/oauth/callback"
	site     = "https://api.dexcom.test"
)

func app() App {
	return App{ClientID: "app", ClientSecret: "secret", RedirectURLs: []string{callback, callback + "?from=dexcom"}}
}

// linkable is a cloud with everybody in it and two apps.
func linkable(t testing.TB) *Cloud {
	t.Helper()
	c := New(people(t)...)
	c.Register(app())
	c.Register(App{ClientID: "other", ClientSecret: "also secret", RedirectURLs: []string{callback}})
	return c
}

// with is the values with some changed, in pairs of key and value. A key
// without value is taken out, one with a plus before it is added once more.
func with(values url.Values, changes ...string) url.Values {
	for pair := range slices.Chunk(changes, 2) {
		key, value := pair[0], pair[1]
		switch more, ok := strings.CutPrefix(key, "+"); {
		case ok:
			values.Add(more, value)
		case value == "":
			values.Del(key)
		default:
			values.Set(key, value)
		}
	}
	return values
}

// loginQuery asks for a person's consent.
func loginQuery(changes ...string) url.Values {
	return with(url.Values{
		"client_id":     {"app"},
		"redirect_uri":  {callback},
		"response_type": {"code"},
		"scope":         {"offline_access"},
		"state":         {"a state"},
	}, changes...)
}

func loginURL(changes ...string) string {
	return site + "/v3/oauth2/login?" + loginQuery(changes...).Encode()
}

// codeForm exchanges a code.
func codeForm(code string, changes ...string) url.Values {
	return with(url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {"app"},
		"client_secret": {"secret"},
		"code":          {code},
		"redirect_uri":  {callback},
	}, changes...)
}

// refreshForm uses a refresh token.
func refreshForm(token string, changes ...string) url.Values {
	return with(url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {"app"},
		"client_secret": {"secret"},
		"refresh_token": {token},
	}, changes...)
}

// consented is a new code of a person.
func consented(t testing.TB, c *Cloud, name string, changes ...string) string {
	t.Helper()
	back, err := c.Consent(loginURL(changes...), name, true)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("code")
}

// granted is a token answer as a client reads it.
type granted struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	ExpiresIn any    `json:"expires_in"`
	Session   string `json:"session_state"`
}

// post sends a form to the token endpoint and returns status and body.
func post(t testing.TB, transport http.RoundTripper, form url.Values) (int, []byte) {
	t.Helper()
	return send(t, transport, tokenRequest(t, "/v3/oauth2/token", form))
}

func tokenRequest(t testing.TB, path string, form url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// token is the answer to a form that is in order.
func token(t testing.TB, transport http.RoundTripper, form url.Values) granted {
	t.Helper()
	status, body := post(t, transport, form)
	if status != http.StatusOK {
		t.Fatalf("%s answers %d: %s", form.Get("grant_type"), status, body)
	}
	var g granted
	if err := json.Unmarshal(body, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// refused reports a form that is not answered with exactly this error.
func refused(t testing.TB, transport http.RoundTripper, form url.Values, want oauthError) {
	t.Helper()
	status, body := post(t, transport, form)
	if status != http.StatusBadRequest || strings.TrimSpace(string(body)) != `{"error":"`+string(want)+`"}` {
		t.Errorf("%v: %d %s, want %s", form, status, body, want)
	}
}

func link(t testing.TB, c *Cloud, name string) granted {
	t.Helper()
	return token(t, c, codeForm(consented(t, c, name)))
}

// opens tells whether an access token opens data.
func opens(t testing.TB, c *Cloud, access string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site+"/v3/users/self/dataRange", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	status, body := send(t, c, r)
	if status != http.StatusOK && status != http.StatusUnauthorized {
		t.Errorf("data answers %d: %s", status, body)
	}
	return status == http.StatusOK
}

// browse is what a browser gets: it does not follow redirects here.
func browse(t testing.TB, c *Cloud, method, address string, form url.Values) (status int, page, location string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if kind := response.Header.Get("Content-Type"); len(body) > 0 && kind != "text/html; charset=utf-8" {
		t.Errorf("%s is %q", address, kind)
	}
	return response.StatusCode, string(body), response.Header.Get("Location")
}
