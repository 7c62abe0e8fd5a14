package dexcom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// Grant is one person's consent: it gives access tokens, and never loses the
// refresh token that the next one costs. Refresh tokens are single-use, so that a
// new one is written durably before it is used or the old one forgotten.
//
// It may be used concurrently. Only one process may hold it: see [OpenState].
type Grant struct {
	state *State
	file  grantFile
	log   *slog.Logger

	renewing   chan struct{} // whoever holds it waits for budget, and renews
	mu         sync.Mutex    // guards what follows, and is held during a refresh
	stored     *storedGrant  // nil: nobody consented
	unreadable bool          // the file is there and cannot be read: it must not be replaced
	unsaved    bool          // the file is older than stored
	refused    int           // how often Dexcom refused the refresh token
	failing    bool          // reading or renewing failed last, and was logged
	retry      time.Time     // when the next refresh may be tried

	// What others read, so that nobody waits for a refresh.
	statusMu sync.Mutex // guards what follows
	through  *App
	status   GrantStatus
	person   string // the hash of the name of who consented; empty when unknown
}

// errUnreadable is a grant file that is there and cannot be read.
var errUnreadable = errors.New("the grant file cannot be read: mend the state directory")

// OpenGrant reads an account's grant from the state directory. A file that holds
// no grant is kept aside, and the account has to be linked. One that cannot be read
// is left alone and tried again at each use. Both are logged.
func OpenGrant(state *State, account string, app *App, log *slog.Logger) *Grant {
	name := account + ".grant.json"
	g := &Grant{
		through: app, state: state, file: grantFile{path: filepath.Join(state.Dir(), name), whole: !state.unfinished[name]},
		log: log.With("account", account), renewing: make(chan struct{}, 1), unreadable: true,
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.load()
	g.publish()
	return g
}

// Use changes the app through which the grant is renewed from now on, as when its
// secret was replaced at developer.dexcom.com.
func (g *Grant) Use(app *App) {
	if app == g.app() {
		return
	}
	g.mu.Lock() // after a refresh that is under way
	defer g.mu.Unlock()
	g.refused, g.retry = 0, time.Time{}
	g.statusMu.Lock()
	defer g.statusMu.Unlock()
	g.through = app
}

func (g *Grant) app() *App {
	g.statusMu.Lock()
	defer g.statusMu.Unlock()
	return g.through
}

// load reads the file. The caller holds mu.
func (g *Grant) load() {
	stored, err := g.file.load()
	switch {
	case errors.Is(err, errNoGrantInFile):
		g.log.Error("the grant file holds no grant, the account must be linked again", "err", err)
	case err != nil:
		if !g.failing { // each use tries again, and once is enough to say it
			g.log.Error("the grant cannot be read: mend the state directory", "err", err)
		}
		g.failing = true
		return
	}
	g.stored, g.unreadable, g.failing = stored, false, false
}

// String keeps the tokens out of every print.
func (g *Grant) String() string { return "<grant>" }

// Format is [Grant.String] for every verb.
func (g *Grant) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, g.String()) }

// Token gives an access token that is valid for a while, and renews it when it is
// not. A renewal that has begun goes on when ctx ends, for 30 s at most. The error
// is [ReasonConsent] when a person has to link the account.
func (g *Grant) Token(ctx context.Context) (*oauth2.Token, error) {
	release, err := g.queueRenewal(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.publish()
	if g.unreadable {
		g.load()
	}
	if g.unsaved {
		g.save(nil)
	}
	if g.unreadable {
		return nil, &Error{Op: "token", Reason: ReasonOther, Err: errUnreadable}
	}
	if g.stored == nil {
		return nil, consentNeeded(errors.New("nobody linked the account yet"))
	}
	if time.Until(g.stored.Expiry) <= refreshMargin {
		if err := g.renew(ctx); err != nil && !time.Now().Before(g.stored.Expiry) {
			return nil, err
		}
	}
	return &oauth2.Token{AccessToken: g.stored.AccessToken, TokenType: "Bearer", Expiry: g.stored.Expiry}, nil
}

// Reject says that Dexcom refused an access token of this grant: the next call of
// Token renews it.
func (g *Grant) Reject(token *oauth2.Token) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stored != nil && g.stored.AccessToken == token.AccessToken {
		g.stored.Expiry = time.Time{}
	}
}

// take makes the tokens the grant's own.
func (g *Grant) take(token *oauth2.Token) {
	next := *g.stored
	next.AccessToken, next.RefreshToken, next.Expiry = token.AccessToken, token.RefreshToken, token.Expiry
	g.stored, g.unsaved, g.refused, g.failing, g.retry = &next, true, 0, false, time.Time{}
}

// save writes the grant into the room, or makes its own. A grant that cannot be
// saved is used all the same, and saved at the next occasion. The caller holds mu.
func (g *Grant) save(room *room) {
	g.stored.Saved = later(time.Now().UTC(), g.stored.Saved)
	contents, err := json.MarshalIndent(g.stored, "", "  ") //nolint:gosec // the one place where they are meant to be written
	if err == nil && room == nil {
		room, err = reserve(g.file.path)
	}
	if err == nil {
		err = room.fill(append(contents, '\n'))
	}
	if err != nil {
		g.file.whole = false // it may have left a file behind
		g.log.Error("the new refresh token is not saved; it is lost if the program ends now", "err", err)
		return
	}
	g.unsaved = false
	if !g.file.whole {
		sweep(g.file.path)
	}
}

// SaveAgain writes tokens that could not be saved, if the disk takes them by now. Token
// does so too, but who polls seldom asks for none for an hour. It waits for nobody.
func (g *Grant) SaveAgain() {
	if !g.mu.TryLock() {
		return // a refresh is under way, and saves
	}
	defer g.mu.Unlock()
	if !g.unsaved {
		return
	}
	release, err := g.state.hold()
	if err != nil {
		return // another process may have the directory by now
	}
	defer release()
	room, err := reserve(g.file.path)
	if err != nil {
		return // said when it was not saved first
	}
	g.save(room)
	g.publish()
}

// later is now, or just after before where the clock was set back: what is newer
// must say so.
func later(now, before time.Time) time.Time {
	if now.After(before) {
		return now
	}
	return before.Add(time.Nanosecond)
}

// link takes the tokens of a new consent of a person, by the hash of their name.
func (g *Grant) link(token *oauth2.Token, user string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.publish()
	if g.unreadable {
		return errUnreadable
	}
	next := &storedGrant{Consented: time.Now().UTC().Truncate(time.Second), User: user}
	replaced := g.stored != nil && g.stored.User != user
	if g.stored != nil {
		next.Saved = g.stored.Saved
	}
	g.stored = next
	g.take(token)
	g.save(nil)
	if !g.unsaved {
		return nil
	}
	if replaced {
		// A restart must not bring the person of before back.
		return errors.Join(ErrNotSaved, g.file.remove())
	}
	return ErrNotSaved
}

// unlink forgets the grant.
func (g *Grant) unlink() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.publish()
	if err := g.file.remove(); err != nil {
		return err
	}
	g.stored, g.unsaved, g.refused, g.retry = nil, false, 0, time.Time{}
	return nil
}
