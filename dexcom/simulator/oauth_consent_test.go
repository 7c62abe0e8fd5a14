package simulator

import (
	"strings"
	"testing"
)

func TestConsentFailsAsAPersonWould(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	query := loginQuery().Encode()
	for _, x := range []struct{ address, name, want string }{
		{site + "/v3/oauth2/login?" + query, "nobody", "nobody"},
		{site + "/v4/oauth2/login?" + query, "plain", "not there"},
		{site + "/v3/oauth2/login/?" + query, "plain", "not there"},
		{site + "/v3/oauth2/token?" + query, "plain", "not there"},
		{site, "plain", "not there"},
		{"", "plain", "not there"},
		{"://" + query, "plain", "malformed"},
		{site + "/v3/oauth2/login", "plain", "not known"},
	} {
		back, err := c.Consent(x.address, x.name, true)
		if err == nil || back != "" || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s as %s: %q, %v", x.address, x.name, back, err)
		}
		if err != nil && strings.Contains(err.Error(), "a+state") {
			t.Errorf("the error tells the state: %v", err)
		}
	}
	if got := c.OAuthCounts(); got.Logins != 0 || len(c.oauth.codes) != 0 {
		t.Errorf("counts are %+v, codes %v", got, c.oauth.codes)
	}
}

func TestConsentBelowAPrefix(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	back, err := c.Consent("http://127.0.0.1:8080/dexcom/v2/oauth2/login?"+loginQuery("state", "").Encode(), "plain", false)
	if err != nil || back != callback+"?error=access_denied" {
		t.Errorf("%q, %v", back, err)
	}
}
