package main

import (
	"context"
	"net/url"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// links is linking from a terminal: here, or in the program that runs.
type links interface {
	// start gives the address at which a person consents.
	start(ctx context.Context, account string) (string, error)
	// finish takes the parameters with which Dexcom sent the person back.
	finish(ctx context.Context, answer url.Values) (dexcom.Outcome, error)
	// confirm gives the account to another person than before.
	confirm(ctx context.Context, question confirmation) (struct{}, error)
	// finished tells how the linking of a state ended, if it has.
	finished(ctx context.Context, state string) (ending, error)
}

// confirmation names the person whom somebody was asked about.
type confirmation struct {
	Account     string             `json:"account"`
	Replacement dexcom.Replacement `json:"replacement"`
}

// ending is how a linking ended.
type ending struct {
	Done    bool           `json:"done"`
	Outcome dexcom.Outcome `json:"outcome"`
	Failure string         `json:"failure"` // empty is none
}

// localLinks links in this process.
type localLinks struct{ house *house }

func (l localLinks) start(_ context.Context, account string) (string, error) {
	return l.house.linker.Start(account)
}

func (l localLinks) finish(ctx context.Context, answer url.Values) (dexcom.Outcome, error) {
	return l.house.linker.Finish(ctx, answer)
}

func (l localLinks) confirm(_ context.Context, question confirmation) (struct{}, error) {
	return struct{}{}, l.house.linker.Confirm(question.Account, question.Replacement)
}

func (l localLinks) finished(_ context.Context, state string) (ending, error) {
	outcome, done, err := l.house.linker.Finished(state)
	e := ending{Done: done, Outcome: outcome}
	if err != nil {
		e.Failure = err.Error()
	}
	return e, nil
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

func (l remoteLinks) confirm(ctx context.Context, question confirmation) (struct{}, error) {
	return struct{}{}, l.ask(ctx, "link/confirm", question, nil)
}

func (l remoteLinks) finished(ctx context.Context, state string) (e ending, err error) {
	err = l.ask(ctx, "link/finished", state, &e)
	return e, err
}
