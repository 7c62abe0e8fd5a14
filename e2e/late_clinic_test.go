package e2e

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// clinic is a running program with patients, whose records arrive in rounds.
type clinic struct {
	*family

	patients []*patient
	post     *post
	args     []string
	run      exporter
}

// openClinic starts a program whose patients are all linked, after round 0.
func openClinic(t *testing.T, patients ...*patient) *clinic {
	t.Helper()
	c := newClinic(t, patients)
	c.open(t)
	return c
}

// newClinic has all patients linked. More people may live in its cloud.
func newClinic(t *testing.T, patients []*patient, more ...*simulator.Person) *clinic {
	t.Helper()
	for _, p := range patients {
		more = append(more, p.Person)
	}
	c := &clinic{family: newFamily(t, more...), patients: patients}
	c.post = newPost(c.cloud)
	c.baseURL = listen(t, c.post)
	c.poll = "{min_interval: 1s, max_interval: 1s}"
	c.accounts = ""
	var linked []string
	for _, p := range patients {
		shareURL := ""
		if p.share {
			c.cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: sharePassword})
			shareURL = listen(t, c.post.share(p.tellsShare))
		}
		if p.api {
			linked = append(linked, p.Name)
		}
		c.accounts += p.config(shareURL)
	}
	c.linkAll(t, linked)
	return c
}

// linkAll has people consent, each for the account of the same name.
func (c *clinic) linkAll(t *testing.T, names []string) {
	t.Helper()
	state, err := dexcom.OpenState(c.stateDir)
	if err != nil {
		t.Fatal(err)
	}
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "planted-id", ClientSecret: planted, RedirectURL: c.redirectURL, BaseURL: c.baseURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	linker := dexcom.NewLinker()
	var offers []dexcom.Linkable
	for _, name := range names {
		grant := dexcom.OpenGrant(state, name, app, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		client, err := dexcom.NewClient(dexcom.Config{BaseURL: c.baseURL, Tokens: grant})
		if err != nil {
			t.Fatal(err)
		}
		offers = append(offers, dexcom.Linkable{Account: name, Grant: grant, Client: client, Linked: func() {}, Changed: func() {}})
	}
	linker.Offer(offers)
	for _, name := range names {
		if err := c.consent(t.Context(), linker, name); err != nil {
			t.Fatalf("link %s: %v", name, err)
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}

// consent has one person consent, and learns the access token that they are known by.
func (c *clinic) consent(ctx context.Context, linker *dexcom.Linker, name string) error {
	address, err := linker.Start(name)
	if err != nil {
		return err
	}
	redirect, err := c.cloud.Consent(address, name, true)
	if err != nil {
		return err
	}
	answer, err := url.Parse(redirect)
	if err != nil {
		return err
	}
	if _, err := linker.Finish(ctx, answer.Query()); err != nil {
		return err
	}
	grant, err := readGrant(filepath.Join(c.stateDir, name+".grant.json"))
	for _, p := range c.patients {
		if p.Name == name {
			c.post.byToken[grant.AccessToken] = p // nobody asks yet
		}
	}
	return err
}

// open starts the program and waits until it has asked for all that it asks for at a
// start, so that what arrives from now on is new.
func (c *clinic) open(t *testing.T) {
	t.Helper()
	if c.args == nil {
		c.args = []string{"serve", c.config(t), "--web.listen-address=" + c.address}
	}
	began := time.Now()
	c.run = startExporter(t, c.args...)
	eventually(t, func() error {
		var missing []string
		for _, p := range c.patients {
			history, events := c.post.lastAsked(p.Name, "history"), c.post.lastAsked(p.Name, "events")
			// With new readings events are asked for again, a second after the last time.
			if p.api && (history.Before(began) || time.Since(events) < 1100*time.Millisecond) {
				missing = append(missing, p.Name)
			}
		}
		if missing != nil {
			return fmt.Errorf("the program has not read the history of %s", strings.Join(missing, ", "))
		}
		return nil
	})
}

// truth is what must be stored of all patients after a round.
func (c *clinic) truth(round int) samples {
	all := samples{}
	for _, p := range c.patients {
		p.truth(round, all)
	}
	return all
}

// compareArrivals compares the counters on a page of metrics with what has arrived
// after a round.
func (c *clinic) compareArrivals(seen series, round int) error {
	var faults []error
	compare := func(name string, want int) {
		if value, found := seen[name]; !found || value != float64(want) {
			faults = append(faults, fmt.Errorf("%s is %v (found: %v), want %d", name, value, found, want))
		}
	}
	for _, p := range c.patients {
		arrived, missed := p.arrivals(round)
		for _, of := range ranges() {
			compare(fmt.Sprintf(`dexcom_egvs_total{account=%q,range=%q}`, p.Name, of), arrived[of])
		}
		compare(fmt.Sprintf(`dexcom_exporter_replay_missed_total{account=%q}`, p.Name), missed)
	}
	return errors.Join(faults...)
}
