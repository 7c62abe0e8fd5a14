package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// home is a state directory that this process holds, with alice's grant.
type home struct {
	state  *dexcom.State
	grant  *dexcom.Grant
	linker *dexcom.Linker
}

// openHome opens it as the program does; what it logs goes to standard error.
func openHome(stateDir, baseURL, redirectURL string) (*home, error) {
	state, err := dexcom.OpenState(stateDir)
	if err != nil {
		return nil, err
	}
	h := &home{state: state, linker: dexcom.NewLinker()}
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "planted-id", ClientSecret: planted, RedirectURL: redirectURL, BaseURL: baseURL,
	})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	h.grant = dexcom.OpenGrant(state, "alice", app, log)
	client, err := dexcom.NewClient(dexcom.Config{BaseURL: baseURL, Tokens: h.grant})
	if err != nil {
		return nil, err
	}
	h.linker.Offer([]dexcom.Linkable{{Account: "alice", Grant: h.grant, Client: client, Linked: func() {}, Changed: func() {}}})
	return h, nil
}

// link has a person consent.
func (h *home) link(ctx context.Context, c cloud, person string) error {
	address, err := h.linker.Start("alice")
	if err != nil {
		return err
	}
	redirect, err := c.Consent(address, person, true)
	if err != nil {
		return err
	}
	answer, err := url.Parse(redirect)
	if err != nil {
		return err
	}
	outcome, err := h.linker.Finish(ctx, answer.Query())
	if err == nil && outcome.AnotherPerson {
		err = fmt.Errorf("%s is another person than before", person)
	}
	return err
}

func (h *home) close() error { return h.state.Close() }
