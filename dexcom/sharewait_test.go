package dexcom

import (
	"context"
	"errors"
	"testing"
	"time"
)

// asked counts what was waited for, and is slow about it.
type asked struct {
	reads, logins int
	slow          time.Duration
	err           error
}

func (a *asked) wait() *ShareWait {
	pause := func(ctx context.Context, n *int) error {
		*n++
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(a.slow):
			return a.err
		}
	}
	return &ShareWait{
		Read:  func(ctx context.Context) error { return pause(ctx, &a.reads) },
		Login: func(ctx context.Context) error { return pause(ctx, &a.logins) },
	}
}

func TestEachRequestWaits(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		a := &asked{slow: time.Minute} // longer than a request may take
		config := share.config
		config.Wait = a.wait()
		share = openShare(t, config)
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			answer.late = 29 * time.Second
			return answer
		}
		begin := time.Now()
		if err := poll(t, share); err != nil || a.logins != 2 || a.reads != 1 || time.Since(begin) != 3*89*time.Second {
			t.Errorf("after %v and %+v: %v", time.Since(begin), a, err)
		}
		if _, err := share.ServerTime(t.Context()); err != nil || a.reads != 2 {
			t.Errorf("the clock, after %+v: %v", a, err)
		}
		for _, wait := range []*ShareWait{nil, {}} {
			config.Wait = wait
			if err := poll(t, openShare(t, config)); err != nil {
				t.Errorf("without waiting: %v", err)
			}
		}
	})
}

func TestAWaitThatRefuses(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		full := errors.New("full")
		a := &asked{err: full}
		config := share.config
		config.Wait = a.wait()
		share = openShare(t, config)
		if err := poll(t, share); Reason(err) != ReasonRateLimited || !errors.Is(err, full) || a.logins != 1 || len(d.calls) > 0 {
			t.Errorf("a login: %v after %+v, %d calls", err, a, len(d.calls))
		}
		if kept := share.known(); !kept.Attempt.IsZero() || len(kept.Failures) > 0 {
			t.Error("it counts as a login")
		}
		if _, err := share.ServerTime(t.Context()); Reason(err) != ReasonRateLimited || !errors.Is(err, full) || len(d.calls) > 0 {
			t.Errorf("the clock: %v", err)
		}
		a.err, a.slow = nil, time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := share.ServerTime(ctx); Reason(err) != ReasonNetwork || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who does not wait that long: %v", err)
		}
		d.answer = refusing("AccountPasswordInvalid")
		a.slow = 0
		_ = poll(t, share)
		if err := poll(t, share); !errors.Is(err, ErrShareCredentials) || a.logins != 2 {
			t.Errorf("while logins are stopped: %v after %+v", err, a)
		}
	})
}
