package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// house is a plan put to work: one process at a time has it open. Another plan may
// move in while it works.
type house struct {
	state     *dexcom.State
	calls     *collector.Calls
	collector *collector.Collector
	linker    *dexcom.Linker
	log       *slog.Logger

	mu     sync.Mutex // guards what follows
	plan   *plan
	ways   map[string]*way              // by account
	grants map[string]*dexcom.Grant     // by account: one object for a file, as long as the house stands
	states map[string]*dexcom.StateFile // likewise
}

// way is how one account reaches Dexcom.
type way struct {
	recipe recipe
	app    *dexcom.App    // nil without the API
	grant  *dexcom.Grant  // likewise
	api    *collector.API // likewise
	share  *dexcom.Share  // nil without Share
}

// recipe is what a way is made of. Equal recipes make equal ways.
type recipe struct {
	region    dexcom.Region
	version   dexcom.Version
	app       *dexcom.App
	share     dexcom.ShareConfig
	transport http.RoundTripper
}

// login is whose Share a recipe reads.
func (r recipe) login() [3]string {
	return [3]string{string(r.share.Region), r.share.BaseURL, strings.ToLower(r.share.Username)}
}

// open takes the state directory, reads the grants and connects the parts; it
// contacts nobody.
func (p *plan) open(log *slog.Logger) (*house, error) {
	state, err := dexcom.OpenState(p.stateDir)
	if err != nil {
		return nil, err
	}
	warnOfOthers(p.stateDir, log)
	calls := collector.NewCalls()
	h := &house{
		state: state, calls: calls, collector: collector.New(calls, log), linker: dexcom.NewLinker(), log: log,
		ways: map[string]*way{}, grants: map[string]*dexcom.Grant{}, states: map[string]*dexcom.StateFile{},
	}
	if err := h.follow(p); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// warnOfOthers warns of a state directory in which everybody may put and remove
// files. In a container there may be nobody else.
func warnOfOthers(stateDir string, log *slog.Logger) {
	if info, err := os.Stat(stateDir); err == nil && info.Mode().Perm()&0o002 != 0 {
		log.Warn("every user of this machine may write into the state directory, and replace the grants and the lock in it: chmod o-w it", "state_dir", stateDir)
	}
}

// close lets another process in.
func (h *house) close() { _ = h.state.Close() } // the lock ends with the process anyway

// follow puts a plan to work in the place of the one before. Where it fails
// nothing has changed.
func (h *house) follow(p *plan) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.plan != nil && reflect.DeepEqual(h.plan.http, p.http) {
		p.transport = h.plan.transport // and its connections
	}
	apps, err := h.apps(p)
	if err != nil {
		return err
	}
	ways := map[string]*way{}
	for _, account := range p.accounts {
		if ways[account.name], err = h.way(p, account, apps[account.region]); err != nil {
			return err
		}
	}
	h.moveIn(p, ways)
	return nil
}

// apps gives the app of each region: the one there is, where nothing about it has
// changed.
func (h *house) apps(p *plan) (map[dexcom.Region]*dexcom.App, error) {
	apps := map[dexcom.Region]*dexcom.App{}
	for _, w := range h.ways {
		region := w.recipe.region
		if w.app != nil && p.transport == h.plan.transport && reflect.DeepEqual(p.apps[region].AppConfig, h.plan.apps[region].AppConfig) {
			apps[region] = w.app
		}
	}
	for region, planned := range p.apps {
		if apps[region] != nil {
			continue
		}
		planned.Transport, planned.Wait = h.calls.Transport(p.transport), h.calls.WaitUrgently(region)
		app, err := dexcom.NewApp(planned.AppConfig)
		if err != nil {
			return nil, usageError{fmt.Errorf("apps.%s: %w", region, err)}
		}
		apps[region] = app
	}
	return apps, nil
}

// way connects an account, or gives the way it has where nothing about it has
// changed.
func (h *house) way(p *plan, account plannedAccount, app *dexcom.App) (*way, error) {
	made := recipe{region: account.region, version: account.version, transport: p.transport}
	if account.api {
		made.app = app
	}
	if account.share != nil {
		made.share = account.share.ShareConfig
	}
	before := h.ways[account.name]
	if before != nil && before.recipe == made {
		return before, nil
	}
	w := &way{recipe: made}
	if account.api {
		if err := h.connectAPI(w, p, account); err != nil {
			return nil, usageError{fmt.Errorf("account %s: %w", account.name, err)}
		}
	}
	if account.share != nil {
		if before != nil && before.recipe.share == made.share && before.recipe.transport == made.transport {
			w.share = before.share // and its session
			return w, nil
		}
		if err := h.connectShare(w, account.name); err != nil {
			return nil, usageError{fmt.Errorf("account %s: %w", account.name, err)}
		}
	}
	return w, nil
}

func (h *house) connectAPI(w *way, p *plan, account plannedAccount) error {
	grant := h.grants[account.name]
	if grant == nil {
		grant = dexcom.OpenGrant(h.state, account.name, w.recipe.app, h.log)
		h.grants[account.name] = grant
	}
	client, err := dexcom.NewClient(dexcom.Config{
		BaseURL: p.apps[account.region].BaseURL, Version: account.version, Tokens: grant,
		Transport: h.calls.Transport(p.transport), Wait: h.calls.Wait(account.region),
	})
	w.app, w.grant = w.recipe.app, grant
	w.api = &collector.API{Region: account.region, Version: account.version, Client: client, Grant: grant}
	return err
}

func (h *house) connectShare(w *way, account string) (err error) {
	config := w.recipe.share
	config.State, config.Transport, config.Wait = h.stateFile(account), h.calls.ShareTransport(w.recipe.transport), h.calls.ShareWait()
	w.share, err = dexcom.NewShare(config)
	return err
}

// moveIn lets the plan take over. The caller holds mu.
func (h *house) moveIn(p *plan, ways map[string]*way) {
	callsPerHour := map[dexcom.Region]int{}
	for region, app := range p.apps {
		callsPerHour[region] = app.callsPerHour
	}
	h.calls.Limit(callsPerHour)
	following := collector.Config{
		OnScrape: p.onScrape, MinInterval: p.minInterval, MaxInterval: p.maxInterval, History: p.history, Reach: p.farthest(),
	}
	var linkable []dexcom.Linkable
	for _, account := range p.accounts {
		w := ways[account.name]
		if w.grant != nil {
			w.grant.Use(w.app)
			linkable = append(linkable, h.linkable(account.name, w))
		}
		following.Accounts = append(following.Accounts, collector.Account{
			Name: account.name, StaleAfter: account.staleAfter, ReplayLag: account.replayLag, Profile: account.profile, Timezone: account.timezone,
			Bounds: account.bounds, Events: account.events, State: h.stateFile(account.name), API: w.api, Share: w.share,
		})
	}
	h.linker.Offer(linkable)
	h.collector.Follow(following)
	for account, w := range ways {
		if before := h.ways[account]; before != nil && before.share != nil && w.share != nil && before.recipe.login() != w.recipe.login() {
			h.collector.Forget(account) // another login may be another person
		}
	}
	if h.plan != nil && h.plan.transport != p.transport {
		(&http.Client{Transport: h.plan.transport}).CloseIdleConnections() // nobody needs them any more
	}
	h.plan, h.ways = p, ways
}

func (h *house) linkable(account string, w *way) dexcom.Linkable {
	return dexcom.Linkable{
		Account: account, Grant: w.grant, Client: w.api.Client,
		Linked:  func() { h.collector.Poll(account) },
		Changed: func() { h.collector.Forget(account); h.collector.Poll(account) },
	}
}

// stateFile is the account's state file, opened once. The caller holds mu.
func (h *house) stateFile(account string) *dexcom.StateFile {
	if h.states[account] == nil {
		file, err := dexcom.OpenStateFile(h.state, account)
		if err != nil {
			h.log.Warn("the account's state starts again: readings of the time before may not count as arrivals, and Share waits before it logs in", "account", account, "err", err)
		}
		h.states[account] = file
	}
	return h.states[account]
}

// planned is the plan that is at work now.
func (h *house) planned() *plan {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.plan
}

// checker tries the sources of the accounts as they are now, in the order of the
// configuration.
func (h *house) checker() checker {
	h.mu.Lock()
	defer h.mu.Unlock()
	var c checker
	for _, account := range h.plan.accounts {
		w := h.ways[account.name]
		if w.api != nil {
			c.sources = append(c.sources, checkedAPI{account.name, account.region, account.version, w.app, w.api.Client})
		}
		if w.share != nil {
			c.sources = append(c.sources, checkedShare{account.name, w.share})
		}
	}
	return c
}
