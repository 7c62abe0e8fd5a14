package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// plan is whom to follow and how: from a configuration file, or the demo's own.
type plan struct {
	stateDir  string
	transport http.RoundTripper
	apps      map[dexcom.Region]plannedApp
	accounts  []plannedAccount

	minInterval, maxInterval, history time.Duration
}

// plannedApp is a registered app; its transport and budget come later.
type plannedApp struct {
	dexcom.AppConfig

	callsPerHour int
}

// plannedAccount is a person who is read from the official API.
type plannedAccount struct {
	name       string
	region     dexcom.Region
	staleAfter time.Duration
	timezone   *time.Location // nil: that of the readings
}

// planOf reads the configuration file, and refuses what this version cannot do.
func planOf(file string) (*plan, error) {
	loaded, err := config.Load(file)
	if err != nil {
		return nil, usageError{err}
	}
	if err := supported(loaded); err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	transport, err := promconfig.NewRoundTripperFromConfig(loaded.HTTP.ClientConfig(), "dexcom", promconfig.WithUserAgent("dexcom_exporter"))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: http: %w", file, err)}
	}
	p := &plan{
		stateDir: loaded.StateDir, transport: transport, apps: map[dexcom.Region]plannedApp{},
		minInterval: loaded.Poll.MinInterval, maxInterval: loaded.Poll.MaxInterval, history: loaded.Poll.History,
	}
	for region, app := range loaded.Apps {
		if p.apps[dexcom.Region(region)], err = appOf(dexcom.Region(region), app); err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", file, err)}
		}
	}
	for _, a := range loaded.Accounts {
		p.accounts = append(p.accounts, plannedAccount{
			name: a.Name, region: dexcom.Region(a.API.Region), staleAfter: a.StaleAfter, timezone: a.Timezone,
		})
	}
	return p, nil
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

// supported refuses what the configuration may say and this version cannot do
// yet: an account that is silently not followed would look like one that is.
func supported(loaded *config.Config) error {
	for i, account := range loaded.Accounts {
		switch {
		case account.Share != nil:
			return fmt.Errorf("accounts[%d].share: this version cannot read Dexcom Share yet, remove it", i)
		case account.API.Version != string(dexcom.V3):
			return fmt.Errorf("accounts[%d].api.version: this version reads v3 only, remove it", i)
		}
	}
	switch {
	case loaded.Poll.Mode != config.Background:
		return errors.New("poll.mode: this version polls in the background only, remove it")
	case loaded.OTLP != nil:
		return errors.New("otlp: this version cannot push yet, remove it")
	}
	return nil
}

// house is a plan put to work: one process at a time has it open.
type house struct {
	state     *dexcom.State
	collector *collector.Collector
	linker    *dexcom.Linker
	checker   checker
}

// open takes the state directory, reads the grants and connects the parts; it
// contacts nobody.
func (p *plan) open(log *slog.Logger) (*house, error) {
	state, err := dexcom.OpenState(p.stateDir)
	if err != nil {
		return nil, err
	}
	h := &house{state: state, linker: dexcom.NewLinker()}
	if err := p.connect(h, log); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// connect makes an app for each region, and a grant and a client for each account.
func (p *plan) connect(h *house, log *slog.Logger) error {
	callsPerHour := map[dexcom.Region]int{}
	for region, app := range p.apps {
		callsPerHour[region] = app.callsPerHour
	}
	calls := collector.NewCalls(callsPerHour)
	apps := map[dexcom.Region]*dexcom.App{}
	for region, planned := range p.apps {
		planned.Transport, planned.Wait = calls.Transport(p.transport), calls.WaitUrgently(region)
		app, err := dexcom.NewApp(planned.AppConfig)
		if err != nil {
			return usageError{fmt.Errorf("apps.%s: %w", region, err)}
		}
		apps[region] = app
	}
	following := collector.Config{
		Calls: calls, MinInterval: p.minInterval, MaxInterval: p.maxInterval, History: p.history, Log: log,
	}
	for _, account := range p.accounts {
		api, err := p.connectAccount(h, account, apps[account.region], calls, log)
		if err != nil {
			return err
		}
		following.Accounts = append(following.Accounts, collector.Account{
			Name: account.name, StaleAfter: account.staleAfter, Timezone: account.timezone, API: api,
		})
	}
	h.collector = collector.New(following)
	return nil
}

func (p *plan) connectAccount(h *house, account plannedAccount, app *dexcom.App, calls *collector.Calls, log *slog.Logger) (*collector.API, error) {
	grant := dexcom.OpenGrant(h.state, account.name, app, log)
	client, err := dexcom.NewClient(dexcom.Config{
		BaseURL: p.apps[account.region].BaseURL, Tokens: grant,
		Transport: calls.Transport(p.transport), Wait: calls.Wait(account.region),
	})
	if err != nil {
		return nil, usageError{fmt.Errorf("account %s: %w", account.name, err)}
	}
	h.linker.Add(dexcom.Linkable{
		Account: account.name, Grant: grant, Client: client,
		Linked:  func() { h.collector.Poll(account.name) },
		Changed: func() { h.collector.Forget(account.name); h.collector.Poll(account.name) },
	})
	h.checker.add(checked{account: account.name, region: account.region, app: app, grant: grant, client: client})
	return &collector.API{Region: account.region, Client: client, Grant: grant}, nil
}

// close lets another process in.
func (h *house) close() { _ = h.state.Close() } // the lock ends with the process anyway

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
