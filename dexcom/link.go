package dexcom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// How linking can fail, in words for a person.
var (
	ErrUnknownAccount = errors.New("there is no account of that name that uses the official API")
	ErrUnknownState   = errors.New("this answer belongs to no linking that is under way: it was used before, is older than 10 minutes, or somebody made it up; start again")
	ErrRefused        = errors.New("the person refused, or closed the login: nothing has changed")
	ErrNoCode         = errors.New("the answer of Dexcom has no code: start again")
	ErrAnotherAccount = errors.New("this Dexcom user is linked to another account already: nothing has changed")
	ErrNothingToDo    = errors.New("there is no other person waiting to be confirmed: start again")
)

// patience is how long a linking may take, from the button to the answer.
const patience = 10 * time.Minute

// Linker links accounts to people. It is safe for concurrent use.
type Linker struct {
	accounts map[string]*linkable

	mu      sync.Mutex         // guards what follows
	pending map[string]pending // by state
	waiting map[string]waiting // by account: another person than before
}

// linkable is an account of the official API.
type linkable struct {
	grant *Grant
	// userID asks Dexcom who the person of a new token is; nil with version 2,
	// which tells nobody.
	userID func(context.Context, *oauth2.Token) (UserID, error)
	// changed is called when the account has another person or none.
	changed func()
}

type pending struct {
	account string
	until   time.Time
}

type waiting struct {
	token *oauth2.Token
	user  string
	until time.Time
}

// Outcome is what a finished linking led to.
type Outcome struct {
	Account string
	// AnotherPerson is set when the account was linked to another Dexcom user
	// before: nothing has changed until [Linker.Confirm].
	AnotherPerson bool
}

// NewLinker makes a linker without accounts.
func NewLinker() *Linker {
	return &Linker{accounts: map[string]*linkable{}, pending: map[string]pending{}, waiting: map[string]waiting{}}
}

// Add makes an account linkable, before the first Start. client reads the account;
// its tokens are not used. changed is called when the account comes to belong to
// another person or to nobody: everything known of the one before must go.
func (l *Linker) Add(account string, grant *Grant, client *Client, changed func()) {
	l.accounts[account] = &linkable{
		grant:   grant,
		changed: changed,
		userID: func(ctx context.Context, token *oauth2.Token) (UserID, error) {
			return userID(ctx, client.with(FixedToken(token.AccessToken)))
		},
	}
}

// userID asks Dexcom who a person is, three times: a consent that just happened is
// worth some patience.
func userID(ctx context.Context, client *Client) (UserID, error) {
	for try := 1; ; try++ {
		ranges, err := client.DataRange(ctx)
		if err == nil || try == 3 || Reason(err) == ReasonCredentials {
			return ranges.UserID, err
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(time.Duration(try) * time.Second):
		}
	}
}

// Start begins to link an account and gives the address at Dexcom at which its
// person consents.
func (l *Linker) Start(account string) (consentURL string, err error) {
	linkable, known := l.accounts[account]
	if !known {
		return "", ErrUnknownAccount
	}
	state := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	l.pending[state] = pending{account: account, until: time.Now().Add(patience)}
	return linkable.grant.app.ConsentURL(state), nil
}

// expire forgets what nobody finished. The caller holds mu.
func (l *Linker) expire() {
	now := time.Now()
	for state, p := range l.pending {
		if now.After(p.until) {
			delete(l.pending, state)
		}
	}
	for account, w := range l.waiting {
		if now.After(w.until) {
			delete(l.waiting, account)
		}
	}
}

// Finish takes the parameters with which Dexcom sent the person back. The outcome
// names the account also when there is an error, if the state did.
func (l *Linker) Finish(ctx context.Context, answer url.Values) (Outcome, error) {
	account, err := l.claim(answer.Get("state"))
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Account: account}
	switch {
	case answer.Get("error") != "":
		return outcome, ErrRefused
	case answer.Get("code") == "":
		return outcome, ErrNoCode
	}
	linkable := l.accounts[account]
	token, err := linkable.grant.app.exchange(ctx, answer.Get("code"))
	if err != nil {
		return outcome, err
	}
	userID, err := linkable.userID(ctx, token)
	if err != nil {
		return outcome, fmt.Errorf("ask Dexcom who the person is: %w", err)
	}
	outcome.AnotherPerson, err = l.accept(account, token, hashUser(userID))
	return outcome, err
}

// claim uses up a state.
func (l *Linker) claim(state string) (account string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	p, known := l.pending[state]
	if !known {
		return "", ErrUnknownState
	}
	delete(l.pending, state)
	return p.account, nil
}

// accept links the account, unless the person belongs to another account, or
// another person belonged to this one.
func (l *Linker) accept(account string, token *oauth2.Token, user string) (anotherPerson bool, err error) {
	l.mu.Lock() // one at a time: two accounts must not both find the person free
	defer l.mu.Unlock()
	for name, other := range l.accounts {
		if name != account && user != "" && other.grant.user() == user {
			return false, ErrAnotherAccount
		}
	}
	grant := l.accounts[account].grant
	if before := grant.user(); before != "" && user != "" && before != user {
		l.waiting[account] = waiting{token: token, user: user, until: time.Now().Add(patience)}
		return true, nil
	}
	return false, grant.link(token, user)
}

// Confirm gives the account to the other person that Finish found, and forgets
// the one before.
func (l *Linker) Confirm(account string) error {
	l.mu.Lock()
	l.expire()
	w, there := l.waiting[account]
	delete(l.waiting, account)
	l.mu.Unlock()
	if !there {
		return ErrNothingToDo
	}
	l.accounts[account].changed()
	return l.accounts[account].grant.link(w.token, w.user)
}

// Unlink forgets the account's grant and all that is known of its person. Dexcom
// has no way to be told: the person ends the consent there.
func (l *Linker) Unlink(account string) error {
	linkable, known := l.accounts[account]
	if !known {
		return ErrUnknownAccount
	}
	if err := linkable.grant.unlink(); err != nil {
		return err
	}
	linkable.changed()
	return nil
}
