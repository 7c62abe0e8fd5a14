package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// What the file says must reach the collector: a base_url that is lost would send
// tokens to Dexcom past the proxy that somebody configured.
func TestFollowing(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(configured(t, `
apps:
  us: {client_id: id, client_secret: s, base_url: "https://proxy.example.org/us", rate_limit: 1234}
  eu: {client_id: id, client_secret: s}
poll: {min_interval: 2m, max_interval: 20m, history: 30d}
accounts:
  - {name: alice, api: {region: us}, stale_after: 3h, timezone: Asia/Tokyo}
  - {name: bob, api: {region: eu}}
`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := following(loaded, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got.MinInterval != 2*time.Minute || got.MaxInterval != 20*time.Minute || got.History != 30*24*time.Hour {
		t.Errorf("poll: %+v", got)
	}
	if got.CallsPerHour[dexcom.US] != 1234 || got.CallsPerHour[dexcom.EU] != 54000 {
		t.Errorf("calls an hour: %v", got.CallsPerHour)
	}
	alice, bob := got.Accounts[0], got.Accounts[1]
	if alice.Name != "alice" || alice.StaleAfter != 3*time.Hour || alice.Timezone.String() != "Asia/Tokyo" ||
		alice.API.Region != dexcom.US || alice.API.Client.BaseURL != "https://proxy.example.org/us" {
		t.Errorf("alice: %+v", alice)
	}
	if bob.StaleAfter != 5*time.Hour || bob.Timezone != nil || bob.API.Client.BaseURL != "https://api.dexcom.eu" {
		t.Errorf("bob: %+v", bob)
	}
	if _, err := collector.New(got); err != nil {
		t.Error(err)
	}
}

func TestRedirectHosts(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(configured(t, smallConfig))
	if err != nil {
		t.Fatal(err)
	}
	if hosts := redirectHosts(loaded); len(hosts) != 1 || hosts[0] != "glucose.example.org" {
		t.Errorf("hosts %v", hosts)
	}
}
