package collector

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

const (
	campaignRedirect = "http://localhost:10180/oauth/callback"
	// accessLifetime is short: each renewal is an occasion to lose the grant.
	accessLifetime = 20 * time.Minute
	// campaignWindow is readings.window.
	campaignWindow = 12 * time.Hour
)

// life is the program with all that it keeps, from its start to its end, in a world
// that goes wrong.
type life struct {
	orders  orders
	journal *journal
	dexcom  *campaignDexcom

	state     *dexcom.State
	linker    *dexcom.Linker
	grants    map[string]*dexcom.Grant
	collector *Collector
	readings  *Readings
	registry  *prometheus.Registry

	weather   weather
	outageEnd time.Time          // zero: no outage ended in this life
	awaited   map[[2]string]bool // account and source that did not recover from it
	offered   map[string]map[int64]departure
	faults    map[string]int
	linked    map[string]bool
}

// One life of the fault campaign, see e2e/campaign_test.go. Without orders it is half a
// day of faults and an orderly end: no goroutine and no descriptor of it stays, and none of
// a test beside it may be counted.
func TestCampaignLife(t *testing.T) {
	o, j := ordersOf(t), openJournal(t)
	before := descriptors(t)
	synctest.Test(t, func(t *testing.T) {
		travel(o.Begin)
		j.note(journalEntry{Kind: "begun"})
		l := beLife(t, o, j)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { l.collector.Run(ctx); close(done) }()
		for time.Now().Before(o.Until) {
			l.minute(t)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		l.minute(t)
		cancel()
		<-done
		if err := l.state.Close(); err != nil {
			t.Error(err)
		}
		l.set(weather{})
	})
	if after := descriptors(t); after > before {
		t.Errorf("%d file descriptors are open, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// beLife starts what the program starts.
func beLife(t *testing.T, o orders, j *journal) *life {
	t.Helper()
	l := &life{
		orders: o, journal: j, linker: dexcom.NewLinker(), grants: map[string]*dexcom.Grant{},
		awaited: map[[2]string]bool{}, offered: map[string]map[int64]departure{}, faults: map[string]int{}, linked: map[string]bool{},
	}
	var err error
	if l.dexcom, err = newCampaignDexcom(o, j); err != nil {
		t.Fatal(err)
	}
	l.dexcom.set(o, l.weather)
	if l.state, err = dexcom.OpenState(o.Dir); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	calls := NewCalls()
	calls.Limit(map[dexcom.Region]int{dexcom.US: 54000})
	l.collector = New(calls, log)
	config := Config{MinInterval: 10 * time.Minute, MaxInterval: 15 * time.Minute, History: 26 * time.Hour, Reach: campaignWindow}
	app := l.app(t, calls)
	var linkable []dexcom.Linkable
	for _, p := range o.People {
		account := l.account(t, p, calls, app, log)
		if account.API != nil {
			linkable = append(linkable, dexcom.Linkable{
				Account: account.Name, Grant: account.API.Grant, Client: account.API.Client,
				Linked: func() { l.collector.Poll(account.Name) }, Changed: func() {
					l.journal.note(journalEntry{Kind: "forgotten", Account: account.Name})
					l.collector.Forget(account.Name)
				},
			})
		}
		config.Accounts = append(config.Accounts, account)
	}
	l.linker.Offer(linkable)
	l.collector.Follow(config)
	l.readings = l.collector.NewReadings()
	l.registry = prometheus.NewPedanticRegistry()
	l.registry.MustRegister(l.collector)
	l.openEyes()
	return l
}

func (l *life) app(t *testing.T, calls *Calls) *dexcom.App {
	t.Helper()
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "id", ClientSecret: "secret", RedirectURL: campaignRedirect, BaseURL: "https://" + campaignAPI,
		Transport: calls.Transport(l.dexcom), Wait: calls.WaitUrgently(dexcom.US),
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// account connects one person to their sources, as the program does.
func (l *life) account(t *testing.T, p campaigner, calls *Calls, app *dexcom.App, log *slog.Logger) Account {
	t.Helper()
	name := p.Person.Name
	state, err := dexcom.OpenStateFile(l.state, name)
	if err != nil {
		t.Errorf("a kill left a state file that cannot be read: %v", err)
	}
	account := Account{Name: name, StaleAfter: 5 * time.Hour, Bounds: glucose.StandardBounds(), Events: dexcom.EventKinds(), State: state}
	if p.API {
		grant := dexcom.OpenGrant(l.state, name, app, log)
		client, err := dexcom.NewClient(dexcom.Config{
			BaseURL: "https://" + campaignAPI, Version: dexcom.V3, Tokens: grant,
			Transport: calls.Transport(l.dexcom), Wait: calls.Wait(dexcom.US),
		})
		if err != nil {
			t.Fatal(err)
		}
		l.grants[name] = grant
		account.API = &API{Region: dexcom.US, Version: dexcom.V3, Client: client, Grant: grant}
	}
	if p.Share {
		account.Share, err = dexcom.NewShare(dexcom.ShareConfig{
			Region: dexcom.ShareUS, BaseURL: "https://" + campaignShare, Username: name, Password: name,
			State: state, Transport: calls.ShareTransport(l.dexcom), Wait: calls.ShareWait(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return account
}

// openEyes tells which grants on the disk are alive.
func (l *life) openEyes() {
	for name := range l.grants {
		switch how := l.onDisk(name); how {
		case "alive":
		case "dead":
			l.journal.note(journalEntry{Kind: "dead", Account: name})
		default:
			l.journal.note(journalEntry{Kind: "no grant", Account: name, Detail: how})
		}
	}
}

// onDisk is "alive" or "dead", as Dexcom sees the grant in the file, or why there is none.
func (l *life) onDisk(name string) string {
	var onDisk struct {
		Refresh string `json:"refresh_token"`
	}
	text, err := os.ReadFile(filepath.Join(l.orders.Dir, name+".grant.json"))
	if err == nil {
		err = json.Unmarshal(text, &onDisk)
	}
	switch {
	case err != nil:
		return err.Error()
	case l.dexcom.api.Alive(name, onDisk.Refresh):
		return "alive"
	}
	return "dead"
}
