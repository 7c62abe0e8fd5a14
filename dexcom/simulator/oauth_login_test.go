package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestLoginByClicks(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	for _, path := range []string{"/v2/oauth2/login?", "/v3/oauth2/login?"} {
		address := site + path + loginQuery().Encode()
		status, page, _ := browse(t, c, http.MethodGet, address, nil)
		if status != http.StatusOK || strings.Count(page, "<form method=\"post\">") != len(people(t)) {
			t.Fatalf("login page: %d %s", status, page)
		}
		for _, p := range people(t) {
			if !strings.Contains(page, `name="person" value="`+p.Name+`"`) {
				t.Errorf("%s is not on the page", p.Name)
			}
		}
		status, page, _ = browse(t, c, http.MethodPost, address, url.Values{"person": {"plain"}})
		for _, want := range []string{`name="person" value="plain"`, `name="decision" value="allow"`, `name="decision" value="refuse"`, "app asks"} {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("consent page lacks %s: %d %s", want, status, page)
			}
		}
		status, _, location := browse(t, c, http.MethodPost, address, url.Values{"person": {"plain"}, "decision": {"refuse"}})
		if status != http.StatusFound || location != callback+"?error=access_denied&state=a+state" {
			t.Errorf("refused: %d %s", status, location)
		}
		status, _, location = browse(t, c, http.MethodPost, address, url.Values{"person": {"plain"}, "decision": {"allow"}})
		u, err := url.Parse(location)
		if status != http.StatusFound || err != nil || u.Query().Get("state") != "a state" || !strings.HasPrefix(location, callback+"?code=") {
			t.Fatalf("allowed: %d %s", status, location)
		}
		if g := token(t, c, codeForm(u.Query().Get("code"))); c.reader(g.Access, noon()) != c.Person("plain") {
			t.Error("the code does not open the person's data")
		}
	}
	if got := c.OAuthCounts().Logins; got != 2 {
		t.Errorf("%d logins", got)
	}
}

func TestLoginRefusesBadRequests(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	const unknown = "not known or is not authorised"
	for _, x := range []struct{ changes, want string }{
		{"client_id=", unknown},
		{"client_id=nobody", unknown},
		{"client_id=APP", unknown},
		{"redirect_uri=", unknown},
		{"redirect_uri=" + callback + "/", unknown},
		{"redirect_uri= " + callback, unknown},
		{"redirect_uri=https://localhost:10180/oauth/callback", unknown},
		{"redirect_uri=http://evil.example/", unknown},
		{"response_type=", "response_type"},
		{"response_type=token", "response_type"},
		{"scope=", "scope"},
		{"scope=offline_access egv", "scope"},
		{"state=", "state"},
		{"+state=again", "state must not be repeated"},
		{"+client_id=other", "client_id must not be repeated"},
	} {
		key, value, _ := strings.Cut(x.changes, "=")
		address := loginURL(key, value)
		for _, form := range []url.Values{nil, {"person": {"plain"}}, {"person": {"plain"}, "decision": {"allow"}}} {
			method := http.MethodPost
			if form == nil {
				method = http.MethodGet
			}
			status, page, location := browse(t, c, method, address, form)
			if status != http.StatusBadRequest || !strings.Contains(page, x.want) || location != "" {
				t.Errorf("%s: %d %s %s", x.changes, status, location, page)
			}
		}
		if _, err := c.Consent(address, "plain", true); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.changes, err)
		}
	}
	if len(c.oauth.codes) != 0 {
		t.Error("a refused request made a code")
	}
}

func TestLoginRefusesBadForms(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	for _, form := range []url.Values{
		{},
		{"person": {""}},
		{"person": {"nobody"}},
		{"person": {"nobody"}, "decision": {"allow"}},
		{"decision": {"allow"}},
		{"person": {"plain"}, "decision": {"Allow"}},
		{"person": {"plain"}, "padding": {strings.Repeat("x", 65<<10)}},
	} {
		status, page, location := browse(t, c, http.MethodPost, loginURL(), form)
		if status != http.StatusBadRequest || location != "" {
			t.Errorf("%.80v: %d %s %s", form, status, location, page)
		}
	}
	// What is in the query must not pass for a click.
	if status, _, _ := browse(t, c, http.MethodPost, loginURL("person", "plain", "decision", "allow"), nil); status != http.StatusBadRequest {
		t.Errorf("a click in the query: %d", status)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		if status, _, _ := browse(t, c, method, loginURL(), nil); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, status)
		}
	}
	for _, query := range []string{"", "%zz", "client_id=app;redirect_uri=x"} {
		if status, _, _ := browse(t, c, http.MethodGet, site+"/v3/oauth2/login?"+query, nil); status != http.StatusBadRequest {
			t.Errorf("query %q: %d", query, status)
		}
	}
}

func TestLoginEscapes(t *testing.T) {
	t.Parallel()
	const nasty = `"><script>alert('&')</script>`
	c := New(&Person{Name: nasty})
	c.Register(App{ClientID: nasty, RedirectURLs: []string{callback}})
	address := loginURL("client_id", nasty, "state", nasty)
	_, login, _ := browse(t, c, http.MethodGet, address, nil)
	_, consent, _ := browse(t, c, http.MethodPost, address, url.Values{"person": {nasty}})
	_, failure, _ := browse(t, c, http.MethodGet, loginURL("+"+nasty, "1", "+"+nasty, "2"), nil)
	for _, page := range []string{login, consent, failure} {
		if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
			t.Error(page)
		}
	}
	back, err := c.Consent(address, nasty, false)
	if want := "&state=" + url.QueryEscape(nasty); err != nil || !strings.HasSuffix(back, want) {
		t.Errorf("%q, %v", back, err)
	}
}

func TestLoginOfAnEmptyCloud(t *testing.T) {
	t.Parallel()
	c := New()
	c.Register(app())
	if status, page, _ := browse(t, c, http.MethodGet, loginURL(), nil); status != http.StatusOK || !strings.Contains(page, "Nobody") {
		t.Errorf("%d %s", status, page)
	}
}

func TestTheOutcomeIsAddedToTheRedirectAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://localhost/cb":       "http://localhost/cb?error=access_denied&state=s+%26",
		"http://localhost":          "http://localhost?error=access_denied&state=s+%26",
		"http://localhost/cb?":      "http://localhost/cb?error=access_denied&state=s+%26",
		"http://localhost/cb?a=b":   "http://localhost/cb?a=b&error=access_denied&state=s+%26",
		"http://localhost/cb?a=b&":  "http://localhost/cb?a=b&error=access_denied&state=s+%26",
		"com.example.app://cb?b&a=": "com.example.app://cb?b&a=&error=access_denied&state=s+%26",
	} {
		c := New(people(t)...)
		c.Register(App{ClientID: "app", RedirectURLs: []string{address}})
		got, err := c.Consent(loginURL("redirect_uri", address, "state", "s &"), "plain", false)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
		form := url.Values{"person": {"plain"}, "decision": {"refuse"}}
		if _, _, got := browse(t, c, http.MethodPost, loginURL("redirect_uri", address, "state", "s &"), form); got != want {
			t.Errorf("%s by clicks: %s", address, got)
		}
	}
}
