package dexcom

import (
	"context"
	"net/url"
	"time"
)

// answered is a linking whose answer came.
type answered struct {
	done    chan struct{} // closed when it has ended
	account string
	until   time.Time // zero until it has ended

	// What follows is set before done is closed.
	outcome Outcome
	err     error
	changes int // the account's until then
}

// Finish takes the parameters with which Dexcom sent the person back. The outcome
// names the account also when there is an error, if the state did. It goes on when
// ctx ends, for 80 s at most: whoever closes the window has consented all the same.
//
// An answer works once. When it comes again within 10 minutes, Finish tells how it
// ended, and waits for that until ctx ends: the error is then ErrUnderWay.
func (l *Linker) Finish(ctx context.Context, answer url.Values) (Outcome, error) {
	a, first, err := l.claim(answer.Get("state"))
	if err != nil {
		return Outcome{}, err
	}
	if first {
		another, err := l.resolve(ctx, a.account, answer)
		return l.end(a, another, err)
	}
	select {
	case <-a.done:
		return l.again(a), a.err
	case <-ctx.Done():
		return Outcome{Account: a.account, Again: true}, ErrUnderWay
	}
}

// Finished tells how the linking of a state ended, as Finish does when the answer
// comes again; done is false while it has not.
func (l *Linker) Finished(state string) (outcome Outcome, done bool, err error) {
	l.mu.Lock()
	a, came := l.answered[state]
	l.mu.Unlock()
	if !came {
		return Outcome{}, false, nil
	}
	select {
	case <-a.done:
		return l.again(a), true, a.err
	default:
		return Outcome{}, false, nil
	}
}

// claim uses up a state; first is whether it was not before.
func (l *Linker) claim(state string) (a *answered, first bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	if a, came := l.answered[state]; came {
		return a, false, nil
	}
	p, known := l.pending[state]
	if !known {
		return nil, false, ErrUnknownState
	}
	delete(l.pending, state)
	a = &answered{done: make(chan struct{}), account: p.account}
	l.answered[state] = a
	return a, true, nil
}

// resolve does what an answer says.
func (l *Linker) resolve(ctx context.Context, account string, answer url.Values) (another Replacement, err error) {
	switch {
	case answer.Get("error") == "access_denied":
		return "", ErrRefused
	case answer.Get("error") != "":
		return "", ErrLogin
	case answer.Get("code") == "":
		return "", ErrNoCode
	}
	return l.exchange(ctx, account, answer.Get("code"))
}

// end keeps how a linking ended, for those who ask again or began it elsewhere.
func (l *Linker) end(a *answered, another Replacement, err error) (Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.outcome = Outcome{Account: a.account, AnotherPerson: another != "", Replacement: another}
	a.err, a.changes, a.until = err, l.changes[a.account], time.Now().Add(patience)
	close(a.done)
	return a.outcome, err
}

// again is how a linking ended, and whether that still holds.
func (l *Linker) again(a *answered) Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	outcome := a.outcome
	_, waits := l.waiting[outcome.Replacement]
	outcome.Again, outcome.Over = true, l.changes[a.account] != a.changes || outcome.AnotherPerson && !waits
	if outcome.Over {
		outcome.Replacement = ""
	}
	return outcome
}
