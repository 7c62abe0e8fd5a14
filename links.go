package main

import (
	"context"
	"net/url"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// links is linking from a terminal: here, or in the program that runs.
type links interface {
	// start gives the address at which a person consents.
	start(ctx context.Context, account string) (string, error)
	// finish takes the parameters with which Dexcom sent the person back.
	finish(ctx context.Context, answer url.Values) (dexcom.Outcome, error)
	// confirm gives the account to another person than before.
	confirm(ctx context.Context, account string) (struct{}, error)
	// since tells when the person of an account consented; zero is never.
	since(ctx context.Context, account string) (time.Time, error)
}

// localLinks links in this process.
type localLinks struct{ house *house }

func (l localLinks) start(_ context.Context, account string) (string, error) {
	return l.house.linker.Start(account)
}

func (l localLinks) finish(ctx context.Context, answer url.Values) (dexcom.Outcome, error) {
	return l.house.linker.Finish(ctx, answer)
}

func (l localLinks) confirm(_ context.Context, account string) (struct{}, error) {
	return struct{}{}, l.house.linker.Confirm(account)
}

func (l localLinks) since(_ context.Context, account string) (time.Time, error) {
	for _, source := range l.house.checker.sources {
		if source.account == account {
			return source.grant.Status().Consented, nil
		}
	}
	return time.Time{}, dexcom.ErrUnknownAccount
}

// remoteLinks links in the program that runs.
type remoteLinks struct{ control }

func (l remoteLinks) start(ctx context.Context, account string) (address string, err error) {
	err = l.ask(ctx, "link/start", account, &address)
	return address, err
}

func (l remoteLinks) finish(ctx context.Context, answer url.Values) (outcome dexcom.Outcome, err error) {
	err = l.ask(ctx, "link/finish", answer, &outcome)
	return outcome, err
}

func (l remoteLinks) confirm(ctx context.Context, account string) (struct{}, error) {
	return struct{}{}, l.ask(ctx, "link/confirm", account, nil)
}

func (l remoteLinks) since(ctx context.Context, account string) (since time.Time, err error) {
	err = l.ask(ctx, "link/since", account, &since)
	return since, err
}
