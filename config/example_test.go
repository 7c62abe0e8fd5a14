package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example returns config.example.yaml, and once more with all that is commented out switched on.
func example(t *testing.T) (plain, everything string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// A comment for people has one space after the #, a setting none or several.
	return string(text), regexp.MustCompile(`(?m)^#([^ ]| {2})`).ReplaceAllString(string(text), "$1")
}

func TestExampleLoads(t *testing.T) {
	t.Parallel()
	plain, everything := example(t)
	if c := load(t, plain); len(c.Accounts) != 1 || c.Accounts[0].Name != "alice" || c.Accounts[0].Share != nil || c.OTLP != nil {
		t.Errorf("got accounts %+v", c.Accounts)
	}
	if c := load(t, everything); len(c.Accounts) != 2 || c.Accounts[0].Share == nil || c.Accounts[1].Name != "bob" || c.OTLP == nil {
		t.Errorf("got accounts %+v", c.Accounts)
	}
}

// TestExampleShowsTheDefaults drops all that the comments do not call an exception and expects the same configuration.
func TestExampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	plain, everything := example(t)
	shown := load(t, plain)
	shown.OTLP = load(t, everything).OTLP
	lean := load(t, "otlp: {}\napps: {us: {client_id: a, client_secret: b}}\naccounts: [{name: alice, api: {region: us}}]\n")
	if shown.Poll != lean.Poll || shown.Readings != lean.Readings {
		t.Errorf("got %+v and %+v, want %+v and %+v", shown.Poll, shown.Readings, lean.Poll, lean.Readings)
	}
	if shown.OTLP.Interval != lean.OTLP.Interval || shown.OTLP.MaxAge != lean.OTLP.MaxAge {
		t.Errorf("got %+v, want %+v", shown.OTLP, lean.OTLP)
	}
	got, want := shown.Apps["us"], lean.Apps["us"]
	if got.RedirectURL != want.RedirectURL || got.OAuthVersion != want.OAuthVersion || got.RateLimit != want.RateLimit {
		t.Errorf("got %+v, want %+v", got, want)
	}
	alice, bob := shown.Accounts[0], lean.Accounts[0]
	if alice.StaleAfter != bob.StaleAfter || alice.ReplayLag != bob.ReplayLag || alice.TargetRange != bob.TargetRange || alice.AGP != bob.AGP {
		t.Errorf("got %+v, want %+v", alice, bob)
	}
	if strings.Join(alice.Events, " ") != strings.Join(bob.Events, " ") {
		t.Errorf("got events %v, want %v", alice.Events, bob.Events)
	}
	if shown.HTTP.ClientConfig().FollowRedirects != lean.HTTP.ClientConfig().FollowRedirects {
		t.Error("follow_redirects is not the default")
	}
}

// TestExampleHasEveryKey asks each section for its keys, by a fault that lists them, and looks for them in the example.
func TestExampleHasEveryKey(t *testing.T) {
	t.Parallel()
	text, _ := example(t)
	for _, probe := range []string{
		"ask: a\n" + minimal,
		"apps: {us: {client_id: a, client_secret: b, ask: a}}\n" + minimal,
		"poll: {ask: a}\n" + minimal,
		"readings: {ask: a}\n" + minimal,
		"otlp: {ask: a}\n" + minimal,
		"http: {ask: a}\n" + minimal,
		"http: {tls_config: {ask: a}}\n" + minimal,
		"http: {http_headers: {A: {ask: a}}}\n" + minimal,
		"apps: {us: {client_id: a, client_secret: b}}\naccounts: [{name: a, api: {region: us, ask: a}}]\n",
		"accounts: [{name: a, share: {region: us, username: a, password: b, ask: a}}]\n",
		"accounts: [{name: a, share: {region: us, username: a, password: b}, ask: a}]\n",
	} {
		_, err := Load(write(t, probe))
		_, keys, ok := strings.Cut(err.Error(), "ask: unknown key, expected one of ")
		if !ok {
			t.Fatalf("got %v, want a list of keys", err)
		}
		for key := range strings.SplitSeq(keys, ", ") {
			if !regexp.MustCompile(`\b`+key+`: `).MatchString(text) && !regexp.MustCompile(`(?m)^[ #-]*`+key+`:$`).MatchString(text) {
				t.Errorf("config.example.yaml lacks %s", key)
			}
		}
	}
}
