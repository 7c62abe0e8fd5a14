package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// What the file says must reach the parts: a base_url that is lost would send
// tokens to Dexcom past the proxy that somebody configured.
func TestPlan(t *testing.T) {
	t.Parallel()
	got, err := planOf(configured(t, `
apps:
  us: {client_id: id, client_secret: s, base_url: "https://proxy.example.org/us", rate_limit: 1234, redirect_url: "https://Glucose.example.org:8443/oauth/callback", oauth_version: v2}
  eu: {client_id: id2, client_secret: s2}
poll: {min_interval: 2m, max_interval: 20m, history: 30d}
accounts:
  - {name: alice, api: {region: us}, stale_after: 3h, timezone: Asia/Tokyo}
  - {name: bob, api: {region: eu}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got.minInterval != 2*time.Minute || got.maxInterval != 20*time.Minute || got.history != 30*24*time.Hour {
		t.Errorf("poll: %+v", got)
	}
	us, eu := got.apps[dexcom.US], got.apps[dexcom.EU]
	if us.callsPerHour != 1234 || us.BaseURL != "https://proxy.example.org/us" || us.ClientID != "id" || us.ClientSecret != "s" ||
		us.RedirectURL != "https://Glucose.example.org:8443/oauth/callback" || us.Version != "v2" {
		t.Errorf("us: %+v", us)
	}
	if eu.callsPerHour != 54000 || eu.BaseURL != "https://api.dexcom.eu" || eu.RedirectURL != "http://localhost:10180/oauth/callback" || eu.Version != dexcom.V3 {
		t.Errorf("eu: %+v", eu)
	}
	alice, bob := got.accounts[0], got.accounts[1]
	if alice.name != "alice" || alice.staleAfter != 3*time.Hour || alice.timezone.String() != "Asia/Tokyo" || alice.region != dexcom.US {
		t.Errorf("alice: %+v", alice)
	}
	if bob.staleAfter != 5*time.Hour || bob.timezone != nil || bob.region != dexcom.EU {
		t.Errorf("bob: %+v", bob)
	}
	if hosts := got.redirectHosts(); len(hosts) != 2 || !slices.Contains(hosts, "glucose.example.org") || !slices.Contains(hosts, "localhost") {
		t.Errorf("hosts %v", hosts)
	}
	want := []string{"http://localhost:10180", "https://Glucose.example.org:8443", "https://api.dexcom.eu", "https://proxy.example.org"}
	if origins := got.origins(); !slices.Equal(origins, want) {
		t.Errorf("origins %v, want %v", origins, want)
	}
}

// The login to Share is what the file says, next to the API or without an app; and it
// is in no verb, no log and no error.
func TestPlanOfShare(t *testing.T) {
	t.Parallel()
	got, err := planOf(configured(t, `
apps: {us: {client_id: id, client_secret: PLANTED-SECRET}}
accounts:
  - {name: alice, api: {region: us}, share: {region: ous, username: "+14155550123", password: PLANTED-SECRET, base_url: "https://proxy.example.org/share"}}
  - {name: bob, share: {region: jp, username: PLANTED-SECRET@example.org, password: " PLANTED-SECRET "}, timezone: Asia/Tokyo}
  - {name: carol, api: {region: us}}
`))
	if err != nil {
		t.Fatal(err)
	}
	alice, bob, carol := got.accounts[0], got.accounts[1], got.accounts[2]
	want := dexcom.ShareConfig{Region: dexcom.ShareOUS, BaseURL: "https://proxy.example.org/share", Username: "+14155550123", Password: planted}
	if alice.share == nil || alice.share.ShareConfig != want || !alice.api || alice.region != dexcom.US || alice.staleAfter != 15*time.Minute {
		t.Errorf("alice: %+v %q %q", alice, alice.share.Username, alice.share.BaseURL)
	}
	want = dexcom.ShareConfig{Region: dexcom.ShareJP, Username: planted + "@example.org", Password: " " + planted + " "}
	if bob.share == nil || bob.share.ShareConfig != want || bob.api || bob.version != "" || bob.staleAfter != 15*time.Minute || bob.timezone.String() != "Asia/Tokyo" {
		t.Errorf("bob: %+v %q %q", bob, bob.share.Username, bob.share.BaseURL)
	}
	if carol.share != nil || !carol.api || carol.staleAfter != 5*time.Hour {
		t.Errorf("carol: %+v", carol)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("planned", "account", bob, "share", bob.share)
	slog.New(slog.NewTextHandler(&log, nil)).Info("planned", "account", alice, "share", *bob.share)
	_, _ = fmt.Fprintf(&log, "%v %+v %#v %s", got.accounts, bob.share, *alice.share, alice.share)
	if strings.Contains(log.String(), planted) || strings.Contains(log.String(), "4155550123") {
		t.Errorf("a login is seen: %s", log.String())
	}
}
