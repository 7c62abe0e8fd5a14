package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// plan is whom to follow and how: from a configuration file, or the demo's own.
type plan struct {
	stateDir  string
	http      config.HTTP // what transport was made from
	transport http.RoundTripper
	apps      map[dexcom.Region]plannedApp
	accounts  []plannedAccount

	onScrape                          bool
	minInterval, maxInterval, history time.Duration
	readingsWindow                    time.Duration // no older reading is offered on /readings
	otlp                              *config.OTLP  // nil: nothing is pushed
}

// plannedApp is a registered app; its transport and its wait for budget come later.
type plannedApp struct {
	dexcom.AppConfig

	callsPerHour int
}

// plannedAccount is a person who is read from the official API.
type plannedAccount struct {
	name       string
	api        bool
	region     dexcom.Region // of the API
	version    dexcom.Version
	share      *plannedShare // nil: not used
	staleAfter time.Duration
	replayLag  time.Duration
	profile    bool           // of the day
	timezone   *time.Location // nil: that of the readings
	target     string         // range: standard, older_adult or pregnancy
	bounds     glucose.Bounds
	events     []string // the kinds that may leave the program
}

// plannedShare is an account's login to Dexcom Share; its state and its transport
// come later.
type plannedShare struct{ dexcom.ShareConfig }

// hinted says what to do where there is no configuration file at all.
func hinted(file string, err error) error {
	if _, missing := os.Stat(file); errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("%w: write it, as config.example.yaml shows, or name another with --config.file; the command demo needs none", err)
	}
	return err
}

// planOf reads the configuration file.
func planOf(file string) (*plan, error) {
	loaded, err := config.Load(file)
	if err != nil {
		return nil, usageError{hinted(file, err)}
	}
	transport, err := promconfig.NewRoundTripperFromConfig(loaded.HTTP.ClientConfig(), "dexcom", promconfig.WithUserAgent("dexcom_exporter"))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: http: %w", file, err)}
	}
	p := &plan{
		stateDir: loaded.StateDir, http: loaded.HTTP, transport: transport, apps: map[dexcom.Region]plannedApp{},
		onScrape: loaded.Poll.Mode == config.Scrape, minInterval: loaded.Poll.MinInterval, maxInterval: loaded.Poll.MaxInterval, history: loaded.Poll.History,
		readingsWindow: loaded.Readings.Window, otlp: loaded.OTLP,
	}
	for region, app := range loaded.Apps {
		if p.apps[dexcom.Region(region)], err = appOf(dexcom.Region(region), app); err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", file, err)}
		}
	}
	for _, a := range loaded.Accounts {
		p.accounts = append(p.accounts, accountOf(a))
	}
	return p, nil
}

// sources are the names of the sources that the account uses.
func (a plannedAccount) sources() (names []string) {
	if a.api {
		names = append(names, "api")
	}
	if a.share != nil {
		names = append(names, "share")
	}
	return names
}

func accountOf(a config.Account) plannedAccount {
	planned := plannedAccount{
		name: a.Name, staleAfter: a.StaleAfter, replayLag: a.ReplayLag, profile: a.AGP, timezone: a.Timezone,
		target: a.TargetRange, bounds: boundsOf(a.TargetRange), events: a.Events,
	}
	if a.API != nil {
		planned.api, planned.region, planned.version = true, dexcom.Region(a.API.Region), dexcom.Version(a.API.Version)
	}
	if s := a.Share; s != nil {
		planned.share = &plannedShare{dexcom.ShareConfig{
			Region: dexcom.ShareRegion(s.Region), BaseURL: s.BaseURL, Username: s.Username.Reveal(), Password: s.Password.Reveal(),
		}}
	}
	return planned
}

func appOf(region dexcom.Region, app config.App) (plannedApp, error) {
	base := app.BaseURL
	if base == "" {
		var err error
		if base, err = region.BaseURL(); err != nil {
			return plannedApp{}, err
		}
	}
	return plannedApp{callsPerHour: app.RateLimit, AppConfig: dexcom.AppConfig{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret.Reveal(), RedirectURL: app.RedirectURL,
		BaseURL: base, Version: dexcom.Version(app.OAuthVersion),
	}}, nil
}

// boundsOf are the bounds of a target range of the configuration. Those of older
// people are the standard ones: it is their targets that differ (Battelino 2019).
func boundsOf(targetRange string) glucose.Bounds {
	if targetRange == "pregnancy" {
		return glucose.PregnancyBounds()
	}
	return glucose.StandardBounds()
}

// redirectHosts are the hosts of the apps' redirect addresses, where people come
// back to from Dexcom's login.
func (p *plan) redirectHosts() []string {
	var hosts []string
	for _, app := range p.apps {
		if u, err := url.Parse(app.RedirectURL); err == nil && u.Hostname() != "" {
			hosts = append(hosts, strings.ToLower(u.Hostname()))
		}
	}
	return hosts
}

// origins are where a form that links leads: the apps' login pages, and back from
// there, because browsers judge the whole chain of redirects.
func (p *plan) origins() []string {
	var origins []string
	for _, app := range p.apps {
		for _, address := range []string{app.BaseURL, app.RedirectURL} {
			if u, err := url.Parse(address); err == nil && u.Host != "" {
				origins = append(origins, u.Scheme+"://"+u.Host)
			}
		}
	}
	slices.Sort(origins)
	return slices.Compact(origins)
}
