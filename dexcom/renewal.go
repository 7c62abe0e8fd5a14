package dexcom

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"
)

const (
	// refreshMargin is how long before its end an access token is renewed: a few
	// tries fit in, and each renewal is a risk.
	refreshMargin = 5 * time.Minute
	// longestRetryAfter bounds how long the token endpoint can send us away.
	longestRetryAfter = time.Hour
	// refusalsToRetry is how often a refused refresh token is tried again, after 2,
	// 4, 8 and 16 hours: refusals have been known to pass (clients).
	refusalsToRetry = 4
)

// queueRenewal waits for budget if the next Token makes a request: not under the lock,
// for with many accounts that takes a while. Of several calls one waits, and renews: the
// budget of the others would be spent on nothing.
func (g *Grant) queueRenewal(ctx context.Context) (release func(), err error) {
	if !g.renewalIsDue() {
		return func() {}, nil
	}
	select {
	case g.renewing <- struct{}{}:
		release = func() { <-g.renewing }
	case <-ctx.Done():
		return nil, &Error{Op: "token", Reason: ReasonNetwork, Err: causeOf(ctx.Err())}
	}
	if g.renewalIsDue() {
		err = g.app().mayAsk(ctx)
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// renewalIsDue tells whether the next Token makes a request.
func (g *Grant) renewalIsDue() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stored != nil && time.Until(g.stored.Expiry) <= refreshMargin && g.mayRetry()
}

// mayRetry tells whether the failures before allow another try.
func (g *Grant) mayRetry() bool {
	return g.refused <= refusalsToRetry && !time.Now().Before(g.retry)
}

// renew refreshes, unless that failed not long ago. The caller holds mu.
func (g *Grant) renew(ctx context.Context) error {
	switch {
	case g.refused > 0 && !g.mayRetry():
		return consentNeeded(errInvalidGrant)
	case !g.mayRetry():
		return &Error{Op: "token", Reason: ReasonRateLimited, RetryAfter: time.Until(g.retry), Err: errSentAway}
	}
	release, err := g.state.hold()
	if err != nil {
		return err
	}
	defer release()
	return g.refresh(ctx)
}

var errSentAway = errors.New("the token endpoint asked to be left alone for a while")

func consentNeeded(cause error) error {
	return &Error{Op: "token", Reason: ReasonConsent, Err: cause}
}

// refresh spends the refresh token. The caller holds mu.
func (g *Grant) refresh(ctx context.Context) error {
	room, err := reserve(g.file.path)
	if err != nil {
		g.log.Warn("no room on the disk for a new refresh token", "err", err)
		if time.Now().Before(g.stored.Expiry) {
			return nil // the access token still serves: better a later refresh than one that cannot be kept
		}
	}
	token, err := g.app().refresh(ctx, g.stored.RefreshToken)
	if errors.Is(err, errInvalidGrant) {
		token, err = g.refreshAgain(ctx)
	}
	if err != nil {
		if room != nil {
			room.leave()
		}
		return g.failed(err)
	}
	g.take(token)
	g.save(room)
	return nil
}

// refreshAgain is the second try after a refusal, with what the file says by then.
func (g *Grant) refreshAgain(ctx context.Context) (*oauth2.Token, error) {
	onDisk, err := g.file.peek()
	if err == nil && onDisk != nil && !g.unsaved && onDisk.RefreshToken != g.stored.RefreshToken {
		g.stored = onDisk
	}
	return g.app().refresh(ctx, g.stored.RefreshToken)
}

// failed notes what is to be done about a failure. One that is no refusal passes:
// the grant is as good as before.
func (g *Grant) failed(err error) error {
	if !errors.Is(err, errInvalidGrant) {
		g.retry = time.Now().Add(min(RetryAfter(err), longestRetryAfter))
		if !g.failing {
			g.log.Warn("the access token could not be renewed", "reason", Reason(err), "err", err)
		}
		g.failing = true
		return err
	}
	g.retry = time.Now().Add(2 * time.Hour << g.refused)
	g.refused++
	g.log.Warn("the grant was refused by Dexcom, the account must be linked again", "next", g.retry.Round(time.Second))
	return err
}
