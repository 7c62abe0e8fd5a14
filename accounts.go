package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	promconfig "github.com/prometheus/common/config"
	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// following turns the configuration into what the collector does.
func following(loaded *config.Config, log *slog.Logger) (collector.Config, error) {
	transport, err := promconfig.NewRoundTripperFromConfig(loaded.HTTP.ClientConfig(), "dexcom",
		promconfig.WithUserAgent("dexcom_exporter"))
	if err != nil {
		return collector.Config{}, fmt.Errorf("http: %w", err)
	}
	following := collector.Config{
		CallsPerHour: map[dexcom.Region]int{},
		MinInterval:  loaded.Poll.MinInterval,
		MaxInterval:  loaded.Poll.MaxInterval,
		History:      loaded.Poll.History,
		Log:          log,
	}
	for region, app := range loaded.Apps {
		following.CallsPerHour[dexcom.Region(region)] = app.RateLimit
	}
	for _, account := range loaded.Accounts {
		api, err := apiOf(account, loaded.Apps, transport)
		if err != nil {
			return collector.Config{}, err
		}
		following.Accounts = append(following.Accounts, collector.Account{
			Name: account.Name, StaleAfter: account.StaleAfter, Timezone: account.Timezone, API: api,
		})
	}
	return following, nil
}

func apiOf(account config.Account, apps map[string]config.App, transport http.RoundTripper) (*collector.API, error) {
	region := dexcom.Region(account.API.Region)
	base := apps[account.API.Region].BaseURL
	if base == "" {
		var err error
		if base, err = region.BaseURL(); err != nil {
			return nil, fmt.Errorf("account %s: %w", account.Name, err)
		}
	}
	return &collector.API{
		Region: region,
		Client: dexcom.Config{BaseURL: base, Tokens: unlinked{}, Transport: transport},
	}, nil
}

// supported refuses what the configuration may say and this version cannot do
// yet: an account that is silently not followed would look like one that is.
func supported(file string, loaded *config.Config) error {
	for i, account := range loaded.Accounts {
		switch {
		case account.Share != nil:
			return fmt.Errorf("%s: accounts[%d].share: this version cannot read Dexcom Share yet, remove it", file, i)
		case account.API.Version != string(dexcom.V3):
			return fmt.Errorf("%s: accounts[%d].api.version: this version reads v3 only, remove it", file, i)
		}
	}
	switch {
	case loaded.Poll.Mode != config.Background:
		return fmt.Errorf("%s: poll.mode: this version polls in the background only, remove it", file)
	case loaded.OTLP != nil:
		return fmt.Errorf("%s: otlp: this version cannot push yet, remove it", file)
	}
	return nil
}

// unlinked is the source of access tokens of an account that nobody linked.
type unlinked struct{}

// Token implements dexcom.TokenSource.
func (unlinked) Token(context.Context) (*oauth2.Token, error) {
	return nil, &dexcom.Error{Op: "token", Reason: dexcom.ReasonConsent, Err: errors.New("the account is not linked")}
}

// Reject implements dexcom.TokenSource.
func (unlinked) Reject(*oauth2.Token) {}
