package simulator

import "testing"

func TestRegisterReplaces(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	changed := app()
	changed.ClientSecret = "new secret"
	c.Register(changed)
	refused(t, c, refreshForm(g.Refresh), invalidClient)
	if !opens(t, c, g.Access) {
		t.Error("the grant died with the secret")
	}
	token(t, c, refreshForm(g.Refresh, "client_secret", "new secret"))
}

func TestRegisterKeepsACopy(t *testing.T) {
	t.Parallel()
	c, mine := New(people(t)...), app()
	c.Register(mine)
	mine.RedirectURLs[0] = "https://example.com/"
	link(t, c, "plain")
}

func TestSuspendedApp(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g, code := link(t, c, "plain"), consented(t, c, "one")
	suspended := app()
	suspended.Suspended = true
	c.Register(suspended)
	refused(t, c, refreshForm(g.Refresh), unauthorizedClient)
	refused(t, c, codeForm(code), unauthorizedClient)
	refused(t, c, refreshForm(g.Refresh, "client_secret", "wrong"), invalidClient)
	if _, err := c.Consent(loginURL(), "plain", true); err == nil {
		t.Error("people are asked for consent")
	}
	c.Register(app())
	token(t, c, refreshForm(g.Refresh))
	token(t, c, codeForm(code))
}
