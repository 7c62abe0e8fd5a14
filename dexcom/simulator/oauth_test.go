package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestALinkedPersonIsReadForAWeek(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		g := link(t, c, "plain")
		for range 7 * 12 {
			if !opens(t, c, g.Access) || !c.Alive("plain", g.Refresh) {
				t.Fatal("new tokens are dead")
			}
			time.Sleep(2*time.Hour - time.Nanosecond)
			if !opens(t, c, g.Access) {
				t.Fatal("the access token died early")
			}
			time.Sleep(time.Nanosecond)
			if opens(t, c, g.Access) {
				t.Fatal("the access token outlived two hours")
			}
			old := g
			if g = token(t, c, refreshForm(g.Refresh)); g.Access == old.Access || g.Refresh == old.Refresh || g.Session != old.Session {
				t.Fatalf("%+v follows %+v", g, old)
			}
			if c.Alive("plain", old.Refresh) {
				t.Fatal("a used refresh token is alive")
			}
		}
		if got := c.OAuthCounts(); got.Tokens["ok"] != 1+7*12 || len(got.Tokens) != 1 || got.Logins != 1 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestTokensOpenTheirPersonsDataOnly(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	for _, name := range []string{"plain", "one"} {
		g := link(t, c, name)
		if got := c.reader(g.Access, time.Now()); got != c.Person(name) {
			t.Errorf("token of %s opens %+v", name, got)
		}
		if opens(t, c, g.Refresh) || opens(t, c, g.Session) {
			t.Error("data opens to something that is no access token")
		}
		for _, other := range people(t) {
			if c.Alive(other.Name, g.Refresh) != (other.Name == name) {
				t.Errorf("token of %s and %s", name, other.Name)
			}
		}
		if c.Alive("nobody", g.Refresh) || c.Alive(name, "") || c.Alive("nobody", "") || c.Alive(name, g.Access) {
			t.Error("something is alive that is not")
		}
	}
}

func TestCodesLiveAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		early, late := consented(t, c, "plain"), consented(t, c, "one")
		time.Sleep(time.Minute - time.Nanosecond)
		token(t, c, codeForm(early))
		time.Sleep(time.Nanosecond)
		refused(t, c, codeForm(late), invalidGrant)
	})
}

func TestCodesAreBound(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	code := consented(t, c, "plain")
	refused(t, c, codeForm(code, "client_id", "other", "client_secret", "also secret"), invalidGrant)
	refused(t, c, codeForm(code, "client_secret", "wrong"), invalidClient)
	if g := token(t, c, codeForm(code)); !opens(t, c, g.Access) {
		t.Error("the code of an app was spent by others")
	}
	// An address that is registered, but not the one the code was sent to.
	code = consented(t, c, "plain")
	refused(t, c, codeForm(code, "redirect_uri", callback+"?from=dexcom"), invalidGrant)
	refused(t, c, codeForm(code), invalidGrant) // spent by the attempt
}

func TestCodesWorkOnce(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	code := consented(t, c, "plain")
	g := token(t, c, codeForm(code))
	next := token(t, c, refreshForm(g.Refresh))
	if !opens(t, c, g.Access) || !opens(t, c, next.Access) {
		t.Fatal("tokens are dead")
	}
	refused(t, c, codeForm(code), invalidGrant)
	if opens(t, c, g.Access) || opens(t, c, next.Access) || c.Alive("plain", next.Refresh) {
		t.Error("the grant survived a second use of its code")
	}
	refused(t, c, refreshForm(next.Refresh), invalidGrant)
}

func TestReuseOfARefreshTokenEndsTheGrant(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	bystander := link(t, c, "one")
	first := link(t, c, "plain")
	second := token(t, c, refreshForm(first.Refresh))
	third := token(t, c, refreshForm(second.Refresh))
	refused(t, c, refreshForm(first.Refresh), invalidGrant)
	for i, g := range []granted{first, second, third} {
		if opens(t, c, g.Access) || c.Alive("plain", g.Refresh) {
			t.Errorf("token %d is alive", i)
		}
		refused(t, c, refreshForm(g.Refresh), invalidGrant)
	}
	if !opens(t, c, bystander.Access) || !c.Alive("one", bystander.Refresh) {
		t.Error("another person's grant died too")
	}
	if g := link(t, c, "plain"); !c.Alive("plain", g.Refresh) || opens(t, c, third.Access) {
		t.Error("a new consent does not help")
	}
}

func TestAnotherAppCannotUseNorBurnARefreshToken(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	refused(t, c, refreshForm(g.Refresh, "client_id", "other", "client_secret", "also secret"), invalidGrant)
	refused(t, c, refreshForm(g.Refresh, "client_secret", "wrong"), invalidClient)
	if !c.Alive("plain", g.Refresh) {
		t.Error("the token was burnt")
	}
	token(t, c, refreshForm(g.Refresh))
}

func TestConcurrentRefreshes(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	const clients = 8
	answers := make(chan granted, clients)
	for range clients {
		r := tokenRequest(t, "/v3/oauth2/token", refreshForm(g.Refresh))
		go func() {
			var won granted
			defer func() { answers <- won }()
			response, err := c.RoundTrip(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if err := json.NewDecoder(response.Body).Decode(&won); err != nil {
				t.Error(err)
			}
		}()
	}
	var won []granted
	for range clients {
		if a := <-answers; a.Access != "" {
			won = append(won, a)
		}
	}
	if len(won) != 1 || c.OAuthCounts().Tokens["invalid_grant"] != clients-1 {
		t.Fatalf("%d refreshes won; %+v", len(won), c.OAuthCounts())
	}
	if opens(t, c, won[0].Access) || opens(t, c, g.Access) || c.Alive("plain", won[0].Refresh) {
		t.Error("the grant survived the second use")
	}
}

func TestANewConsentReplacesTheGrant(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	old := link(t, c, "plain")
	elsewhere := token(t, c, codeForm(consented(t, c, "plain", "client_id", "other"), "client_id", "other", "client_secret", "also secret"))
	code := consented(t, c, "plain")
	if !opens(t, c, old.Access) {
		t.Error("a code that nobody exchanged ended the grant")
	}
	fresh := token(t, c, codeForm(code))
	if opens(t, c, old.Access) || c.Alive("plain", old.Refresh) {
		t.Error("the old grant is alive")
	}
	if !c.Alive("plain", fresh.Refresh) || !c.Alive("plain", elsewhere.Refresh) {
		t.Error("the wrong grant died")
	}
	refused(t, c, refreshForm(old.Refresh), invalidGrant)
	if !c.Alive("plain", fresh.Refresh) {
		t.Error("the old grant took the new one with it")
	}
}

func TestGrantsLiveAYear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		g := link(t, c, "plain")
		time.Sleep(364 * 24 * time.Hour)
		g = token(t, c, refreshForm(g.Refresh))
		time.Sleep(24*time.Hour - time.Nanosecond)
		if !c.Alive("plain", g.Refresh) {
			t.Error("died before the year was over")
		}
		time.Sleep(time.Nanosecond)
		refused(t, c, refreshForm(g.Refresh), invalidGrant)
		if c.Alive("plain", g.Refresh) {
			t.Error("outlived the year")
		}
	})
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g, bystander := link(t, c, "plain"), link(t, c, "one")
	elsewhere := token(t, c, codeForm(consented(t, c, "plain", "client_id", "other"), "client_id", "other", "client_secret", "also secret"))
	c.Revoke("nobody")
	if !c.Alive("plain", g.Refresh) || !c.Alive("one", bystander.Refresh) {
		t.Fatal("nobody revoked it")
	}
	c.Revoke("plain")
	if opens(t, c, g.Access) || opens(t, c, elsewhere.Access) || c.Alive("plain", g.Refresh) {
		t.Error("a revoked grant is alive")
	}
	refused(t, c, refreshForm(g.Refresh), invalidGrant)
	if !opens(t, c, bystander.Access) || !opens(t, c, c.AccessToken("plain")) {
		t.Error("too much was revoked")
	}
	if again := link(t, c, "plain"); !opens(t, c, again.Access) {
		t.Error("a new consent does not help")
	}
}

func TestRegionsAreSeparate(t *testing.T) {
	t.Parallel()
	us, eu := linkable(t), New(people(t)...)
	eu.Register(App{ClientID: "app in Europe", ClientSecret: "secret", RedirectURLs: []string{callback}})
	g := link(t, us, "plain")
	if _, err := eu.Consent(loginURL(), "plain", true); err == nil {
		t.Error("Europe asks for consent for an app of the US")
	}
	refused(t, eu, codeForm(consented(t, us, "plain")), invalidClient)
	refused(t, eu, refreshForm(g.Refresh), invalidClient)
	refused(t, eu, refreshForm(g.Refresh, "client_id", "app in Europe"), invalidGrant)
	if opens(t, eu, g.Access) || !opens(t, us, g.Access) || !us.Alive("plain", g.Refresh) {
		t.Error("a token opens the wrong region")
	}
}

// The order of requests decides the tokens: runs repeat.
func TestTokensRepeatButDifferBySeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) []string {
		c := linkable(t)
		c.SetTokens(TokenSettings{Seed: seed})
		var all []string
		for _, name := range []string{"plain", "one", "plain"} {
			code := consented(t, c, name)
			g := token(t, c, codeForm(code))
			next := token(t, c, refreshForm(g.Refresh))
			all = append(all, code, g.Access, g.Refresh, g.Session, next.Access, next.Refresh)
		}
		return all
	}
	one, again, two := run(1), run(1), run(2)
	if !slices.Equal(one, again) {
		t.Errorf("%v then %v", one, again)
	}
	seen := make(map[string]bool)
	for _, text := range slices.Concat(one, two) {
		if len(text) < 32 || seen[text] {
			t.Errorf("%q is short or not new", text)
		}
		seen[text] = true
	}
}

func TestBothVersionsShareTheState(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	back, err := c.Consent(site+"/v2/oauth2/login?"+loginQuery("state", "").Encode(), "plain", true)
	if err != nil || len(back) != len(callback+"?code=")+64 {
		t.Fatalf("%q, %v", back, err)
	}
	status, body := send(t, c, tokenRequest(t, "/v2/oauth2/token", codeForm(back[len(callback+"?code="):])))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := c.OAuthCounts().Tokens["ok"]; got != 1 {
		t.Errorf("%d requests are counted", got)
	}
}
