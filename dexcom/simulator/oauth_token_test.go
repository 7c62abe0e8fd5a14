package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTokenAnswersAreLikeTheSamples(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		settings        TokenSettings
		first, followed string
	}{
		{TokenSettings{}, "token_authorization_code.json", "token_refresh.json"},
		{TokenSettings{NotBeforePolicyText: true}, "token_doc_quirk_not_before_policy_string.json", "token_doc_quirk_not_before_policy_string.json"},
		{TokenSettings{NoRotation: true}, "token_authorization_code.json", "token_missing_refresh_token_ASSUMED.json"},
	} {
		c := linkable(t)
		c.SetTokens(x.settings)
		status, body := post(t, c, codeForm(consented(t, c, "plain")))
		if status != http.StatusOK || shapeOf(t, body) != shapeOf(t, file(t, x.first)) {
			t.Errorf("%+v: %d %s, want %s", x.settings, status, body, x.first)
		}
		var g granted
		if err := json.Unmarshal(body, &g); err != nil {
			t.Fatal(err)
		}
		status, body = post(t, c, refreshForm(g.Refresh))
		if status != http.StatusOK || shapeOf(t, body) != shapeOf(t, file(t, x.followed)) {
			t.Errorf("%+v: %d %s, want %s", x.settings, status, body, x.followed)
		}
		if !strings.Contains(string(body), `"expires_in":7200,"token_type":"Bearer"`) || !strings.Contains(string(body), "1726871301") {
			t.Errorf("unlike the samples: %s", body)
		}
	}
}

func TestWithoutRotationTheRefreshTokenStays(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.SetTokens(TokenSettings{NoRotation: true})
	g := link(t, c, "plain")
	for range 3 {
		next := token(t, c, refreshForm(g.Refresh))
		if next.Refresh != "" || !opens(t, c, next.Access) || !c.Alive("plain", g.Refresh) {
			t.Fatalf("got %+v", next)
		}
	}
	c.SetTokens(TokenSettings{})
	if next := token(t, c, refreshForm(g.Refresh)); !c.Alive("plain", next.Refresh) || c.Alive("plain", g.Refresh) {
		t.Error("rotation does not come back")
	}
}

func TestAccessLifetime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		c.SetTokens(TokenSettings{AccessLifetime: 90 * time.Second})
		g := link(t, c, "plain")
		if g.ExpiresIn != 90.0 {
			t.Errorf("expires in %v", g.ExpiresIn)
		}
		time.Sleep(90*time.Second - time.Nanosecond)
		if !opens(t, c, g.Access) {
			t.Error("died early")
		}
		time.Sleep(time.Nanosecond)
		if opens(t, c, g.Access) || !c.Alive("plain", g.Refresh) {
			t.Error("died late, or the refresh token with it")
		}
	})
}

func TestExpiresIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"": nil, "null": nil, `"7200"`: "7200", "7200000": 7200000.0, "-1": -1.0, "1e3": 1000.0,
	} {
		c := linkable(t)
		c.SetTokens(TokenSettings{ExpiresIn: json.RawMessage(text)})
		status, body := post(t, c, codeForm(consented(t, c, "plain")))
		var got map[string]any
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK {
			t.Fatalf("%q: %d %s", text, status, body)
		}
		value, there := got["expires_in"]
		if there != (text != "") || value != want {
			t.Errorf("%q: %s", text, body)
		}
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	for _, x := range []struct {
		form url.Values
		want oauthError
	}{
		{nil, invalidClient},
		{refreshForm(g.Refresh, "client_id", "nobody"), invalidClient},
		{refreshForm(g.Refresh, "client_id", ""), invalidClient},
		{refreshForm(g.Refresh, "client_secret", ""), invalidClient},
		{refreshForm(g.Refresh, "client_secret", "also secret"), invalidClient},
		{refreshForm(g.Refresh, "grant_type", ""), invalidRequest},
		{refreshForm(g.Refresh, "grant_type", "authorization_code"), invalidRequest},
		{refreshForm(g.Refresh, "grant_type", "password"), unsupportedGrantType},
		{refreshForm(g.Refresh, "grant_type", "client_credentials"), unsupportedGrantType},
		{refreshForm(g.Refresh, "grant_type", "Refresh_token"), unsupportedGrantType},
		{refreshForm(g.Refresh, "+refresh_token", g.Refresh), invalidRequest},
		{refreshForm(g.Refresh, "+client_id", "app"), invalidRequest},
		{refreshForm(""), invalidRequest},
		{refreshForm("wrong"), invalidGrant},
		{refreshForm(g.Access), invalidGrant},
		{refreshForm(g.Refresh + " "), invalidGrant},
		{refreshForm(strings.Repeat("x", 65<<10)), invalidRequest},
		{codeForm(""), invalidRequest},
		{codeForm("wrong"), invalidGrant},
		{codeForm(g.Refresh), invalidGrant},
		{codeForm("wrong", "redirect_uri", ""), invalidRequest},
	} {
		refused(t, c, x.form, x.want)
	}
	if !c.Alive("plain", g.Refresh) {
		t.Error("a faulty request burnt the token")
	}
	token(t, c, refreshForm(g.Refresh, "redirect_uri", callback)) // optional
}

func TestTokenErrorsAreLikeTheSamples(t *testing.T) {
	t.Parallel()
	for _, e := range []oauthError{invalidRequest, invalidClient, invalidGrant, unauthorizedClient, unsupportedGrantType} {
		var sample map[string]oauthError
		if err := json.Unmarshal(file(t, "error_token_"+string(e)+".json"), &sample); err != nil || len(sample) != 1 || sample["error"] != e {
			t.Errorf("%s: %v, %v", e, sample, err)
		}
	}
}

func TestCredentialsBelongIntoTheBody(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	form := refreshForm(g.Refresh)
	for name, x := range map[string]struct {
		change func(r *http.Request)
		want   oauthError
	}{
		"basic":      {func(r *http.Request) { r.SetBasicAuth("app", "secret") }, invalidClient},
		"bearer":     {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+g.Access) }, invalidClient},
		"query":      {func(r *http.Request) { r.URL.RawQuery, r.Body = form.Encode(), http.NoBody }, invalidRequest},
		"query too":  {func(r *http.Request) { r.URL.RawQuery = "client_id=app" }, invalidRequest},
		"json":       {func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, invalidRequest},
		"no type":    {func(r *http.Request) { r.Header.Del("Content-Type") }, invalidRequest},
		"multipart":  {func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, invalidRequest},
		"odd type":   {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded; =") }, invalidRequest},
		"bad escape": {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("client_id=%zz")) }, invalidRequest},
		"broken": {func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(form.Encode()), failing{}))
		}, invalidRequest},
	} {
		r := tokenRequest(t, "/v3/oauth2/token", form)
		x.change(r)
		status, body := send(t, c, r)
		if status != http.StatusBadRequest || strings.TrimSpace(string(body)) != `{"error":"`+string(x.want)+`"}` {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if !c.Alive("plain", g.Refresh) {
		t.Error("a refused request used the token")
	}
	r := tokenRequest(t, "/v3/oauth2/token", form)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	if status, body := send(t, c, r); status != http.StatusOK {
		t.Errorf("with charset: %d %s", status, body)
	}
}

// failing is a connection that breaks.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestTokenEndpointIsForPOST(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
		for _, path := range []string{"/v2/oauth2/token", "/v3/oauth2/token"} {
			r := tokenRequest(t, path, refreshForm(g.Refresh))
			r.Method = method
			if status, body := send(t, c, r); status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d %s", method, path, status, body)
			}
		}
	}
	if got := c.OAuthCounts().Tokens; got["method not allowed"] != 8 || !c.Alive("plain", g.Refresh) {
		t.Errorf("counts are %v", got)
	}
}

func FuzzTokenForm(f *testing.F) {
	c := linkable(f)
	c.LimitCalls(-1) // no form may be refused for those before it
	living := link(f, c, "plain")
	f.Add(refreshForm("wrong").Encode(), "application/x-www-form-urlencoded", "")
	f.Add(refreshForm(living.Access).Encode(), "application/x-www-form-urlencoded", "")
	f.Add(codeForm("wrong").Encode(), "application/x-www-form-urlencoded; charset=utf-8", "")
	f.Add("grant_type=refresh_token&grant_type=refresh_token", "application/x-www-form-urlencoded", "a=b")
	f.Add("a;b=%zz&=&&", "application/x-www-form-urlencoded", "%zz")
	f.Add(`{"grant_type":"refresh_token"}`, "application/json", "")
	f.Add("--x\r\n\r\n--x--", "multipart/form-data; boundary=x", "")
	f.Fuzz(func(t *testing.T, form, contentType, query string) {
		r := tokenRequest(t, "/v3/oauth2/token", nil)
		r.Body = io.NopCloser(strings.NewReader(form))
		r.URL.RawQuery = query
		r.Header["Content-Type"] = []string{contentType}
		status, body := send(t, c, r)
		var got map[string]oauthError
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusBadRequest || len(got) != 1 {
			t.Fatalf("%d %s, %v", status, body, err)
		}
		switch got["error"] {
		case invalidRequest, invalidClient, invalidGrant, unsupportedGrantType:
		default:
			t.Fatalf("error is %q", got["error"])
		}
		if !c.Alive("plain", living.Refresh) {
			t.Fatal("a form that knows no token ended a grant")
		}
	})
}
