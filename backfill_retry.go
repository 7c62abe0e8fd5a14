package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

const (
	// mostTries is how often one request is made before its failure is the end: the
	// waits between them add up to some minutes.
	mostTries   = 5
	firstWait   = time.Second
	timesAsLong = 4         // each wait is so many times the one before
	longestWait = time.Hour // at most so long a server can send us away
	worthSaying = 5 * time.Second
)

// ask makes a call, and again after a while if it failed in a way
// that passes.
func (r *pastReader) ask(ctx context.Context, call func() error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := call()
		if !passes(err) || try == mostTries || ctx.Err() != nil {
			return err
		}
		pause := max(wait, min(dexcom.RetryAfter(err), longestWait))
		wait *= timesAsLong
		if err := r.pause(ctx, pause, err); err != nil {
			return err
		}
	}
}

// passes tells whether a failure is worth another try.
func passes(err error) bool {
	switch dexcom.Reason(err) {
	case dexcom.ReasonRateLimited, dexcom.ReasonServer, dexcom.ReasonNetwork, dexcom.ReasonDecode:
		return true
	}
	return false
}

// pause waits, and says so if it takes a while.
func (r *pastReader) pause(ctx context.Context, wait time.Duration, cause error) error {
	if wait >= worthSaying {
		if err := r.take(chapter{Waits: fmt.Sprintf("%v; trying again in %v", cause, wait)}); err != nil {
			return err
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// missing says from which day on the past could not be read, and what to do.
func (r *pastReader) missing(from time.Time, err error) error {
	_, called := errors.AsType[*dexcom.Error](err)
	cause := explain(err)
	switch {
	case errors.Is(err, errAnotherPerson):
		cause = err.Error()
	case !called: // whoever takes it failed, or left
		return err
	case dexcom.Reason(err) == dexcom.ReasonConsent:
		cause = fmt.Sprintf("consent needed: link the account on the status page or with `dexcom_exporter link %s`", r.Account)
	case dexcom.Reason(err) == dexcom.ReasonCredentials:
		cause = "Dexcom refuses the tokens of this account: try `dexcom_exporter check`"
	}
	return fmt.Errorf("%s from %s on is missing: %s", r.Account, from.UTC().Format(time.DateOnly), cause)
}
