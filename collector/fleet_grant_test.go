package collector

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// consent gives every account a grant of its own, whose tokens are renewed within the
// app's budget.
func (w world) consent(t *testing.T, config setup, book *logbook) {
	t.Helper()
	w.cloud.Register(simulator.App{ClientID: "id", ClientSecret: "s", RedirectURLs: []string{"http://localhost/"}})
	state, err := dexcom.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	app := func(transport http.RoundTripper, wait func(context.Context) error) *dexcom.App {
		app, err := dexcom.NewApp(dexcom.AppConfig{
			ClientID: "id", ClientSecret: "s", RedirectURL: "http://localhost/", BaseURL: w.baseURL, Transport: transport, Wait: wait,
		})
		if err != nil {
			t.Fatal(err)
		}
		return app
	}
	linking := app(w.cloud, nil) // outside the budget
	polling := app(config.calls.Transport(book), config.calls.WaitUrgently(dexcom.US))
	for i, account := range config.Accounts {
		log := slog.New(slog.DiscardHandler)
		consent(t, w.cloud, account.Name, dexcom.OpenGrant(state, account.Name, linking, log))
		account.API.Client, err = dexcom.NewClient(dexcom.Config{
			BaseURL: w.baseURL, Tokens: dexcom.OpenGrant(state, account.Name, polling, log),
			Transport: config.calls.Transport(column{book, i}), Wait: config.calls.Wait(dexcom.US),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Tokens are renewed within the budget too, before all else. Where it is short nobody's
// token ends while a call with it waits.
func TestAFleetWithGrants(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		const people = 60
		f := fleet{
			people: people, callsPerHour: people * 13 / 10, grants: true, seed: populationSeedOf(t),
			settling: 12 * time.Hour, length: 12 * time.Hour,
		}
		found := f.sail(t)
		t.Logf("| a third of the need, and tokens | %v |", found)
		if found.unknown > 0 || found.refused > 0 || found.all > float64(f.callsPerHour)*1.01+burst {
			t.Errorf("%d calls with a token that is none, %d refused, %.0f calls an hour", found.unknown, found.refused, found.all)
		}
		if p95, unasked := quantile(found.added, .95), quantile(found.gaps, 1); p95 > 100*time.Minute || unasked > 3*time.Hour {
			t.Errorf("95 of 100 readings came within %v, somebody was not asked for %v", p95, unasked)
		}
	})
}
