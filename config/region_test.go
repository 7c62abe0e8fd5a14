package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestRegionsAreGuessed writes regions as people may and expects the right one to be named, but never taken.
func TestRegionsAreGuessed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ api, share, written string }{
		{"us", "us", "US Us USA usa U.S. 'us ' \"us\\t\" 'United States' united_states"},
		{"jp", "jp", "JP Jp japan Japan JPN ' jp'"},
		{"eu", "ous", "EU OUS UK uk gb de DE no Europe outside-us 'Outside US' outsideUS OutsideTheUS non-US international Intl Germany canada 'rest of world'"},
		{"sandbox", "", "Sandbox SANDBOX 'sandbox '"},
		{"", "", "ca america world hunter2 u uss 1 v3 true production usa2 日本 '-' '*'"},
	} {
		for _, written := range quotedFields(test.written) {
			refused(t, "apps: {"+written+": {client_id: a, client_secret: b}}\n"+minimal, apiChoices, test.api)
			refused(t, apps+account("api: {region: "+written+"}"), apiChoices, test.api)
			refused(t, "accounts: [{name: a, share: {region: "+written+", username: u, password: p}}]\n", shareChoices, test.share)
		}
	}
	refused(t, apps+account("api: {region: ous}"), apiChoices, "eu")
	refused(t, "accounts: [{name: a, share: {region: eu, username: u, password: p}}]\n", shareChoices, "ous")
	refused(t, "accounts: [{name: a, share: {region: sandbox, username: u, password: p}}]\n", shareChoices, "")
}

// quotedFields splits text at spaces, except those between quotes.
func quotedFields(text string) []string {
	var quote rune
	return strings.FieldsFunc(text, func(r rune) bool {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		}
		return r == ' ' && quote == 0
	})
}

// refused expects a fault that offers choices and guesses meant, or nothing where that is empty.
func refused(t *testing.T, text, choices, meant string) {
	t.Helper()
	want := ": " + choices
	if meant != "" {
		want += fmt.Sprintf("; did you mean %s?", meant)
	}
	if _, err := Load(write(t, text)); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want …%s, from %s", err, want, text)
	}
}

func TestRegionsAreTaken(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"us", "eu", "jp", "sandbox"} {
		c := load(t, fmt.Sprintf("apps: {%s: {client_id: a, client_secret: b}}\naccounts: [{name: a, api: {region: %s}}]\n", region, region))
		if got := c.Accounts[0].API.Region; got != region || len(c.Apps) != 1 || c.Apps[region].ClientID != "a" {
			t.Errorf("%s: got %s and apps %+v", region, got, c.Apps)
		}
	}
	for _, region := range []string{"us", "ous", "jp"} {
		c := load(t, fmt.Sprintf("accounts: [{name: a, share: {region: %q, username: u, password: p}}]\n", region))
		if got := c.Accounts[0].Share.Region; got != region {
			t.Errorf("got %s, want %s", got, region)
		}
	}
}
