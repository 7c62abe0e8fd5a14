package dexcom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// How linking can fail, in words for a person.
var (
	ErrUnknownAccount = errors.New("there is no account of that name that uses the official API")
	ErrUnknownState   = errors.New("this answer belongs to no linking that is under way: it was used before, is older than 10 minutes, or somebody made it up; start again")
	ErrRefused        = errors.New("the person refused: nothing has changed")
	ErrLogin          = errors.New("the login at Dexcom ended with an error: start again, and if it stays, look at the app at developer.dexcom.com")
	ErrNoCode         = errors.New("the answer of Dexcom has no code: start again")
	ErrAnotherAccount = errors.New("this Dexcom user is linked to another account already: that one keeps them, with the new consent, and this one has not changed")
	ErrNotSaved       = errors.New("the account is linked, but the grant could not be saved: see the log, and mend the state directory before the program ends")
	ErrNothingToDo    = errors.New("there is no other person waiting to be confirmed: start again")
)

// patience is how long a linking may take, from the button to the answer.
const patience = 10 * time.Minute

// Linker links accounts to people. It is safe for concurrent use.
type Linker struct {
	finishing chan struct{} // holds one consent at a time: a later one ends those before

	mu       sync.Mutex          // guards what follows
	accounts map[string]Linkable // by name
	pending  map[string]pending  // by state
	waiting  map[string]waiting  // by account: another person than before
	finished map[string]finished // by state
}

// Linkable is an account of the official API.
type Linkable struct {
	Account string
	Grant   *Grant
	// Client reads the account. Its own tokens are not used.
	Client *Client
	// Linked is called after the account was linked: its data can be read now.
	Linked func()
	// Changed is called when the account belongs to another person or to nobody,
	// before Linked: everything known of the one before must go.
	Changed func()
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

// finished is how a linking ended, for who began it elsewhere.
type finished struct {
	outcome Outcome
	err     error
	until   time.Time
}

// Outcome is what a finished linking led to.
type Outcome struct {
	Account string
	// AnotherPerson is set when the account was linked to another Dexcom user
	// before: nothing has changed until [Linker.Confirm].
	AnotherPerson bool
}

// Format keeps states and tokens out of every verb.
func (l *Linker) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<linker>") }

// NewLinker makes a linker without accounts.
func NewLinker() *Linker {
	return &Linker{finishing: make(chan struct{}, 1), accounts: map[string]Linkable{}, pending: map[string]pending{}, waiting: map[string]waiting{}, finished: map[string]finished{}}
}

// Offer takes the accounts that can be linked from now on, in the place of those
// before.
func (l *Linker) Offer(accounts []Linkable) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts = make(map[string]Linkable, len(accounts))
	for _, account := range accounts {
		l.accounts[account.Account] = account
	}
}

// linkable finds an account; it is ErrUnknownAccount if it is not offered.
func (l *Linker) linkable(account string) (Linkable, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	linkable, known := l.accounts[account]
	if !known {
		return Linkable{}, ErrUnknownAccount
	}
	return linkable, nil
}

// Start begins to link an account and gives the address at Dexcom at which its
// person consents.
func (l *Linker) Start(account string) (consentURL string, err error) {
	linkable, err := l.linkable(account)
	if err != nil {
		return "", err
	}
	state := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	l.pending[state] = pending{account: account, until: time.Now().Add(patience)}
	return linkable.Grant.app().ConsentURL(state), nil
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
	for state, f := range l.finished {
		if now.After(f.until) {
			delete(l.finished, state)
		}
	}
}

// Finish takes the parameters with which Dexcom sent the person back. The outcome
// names the account also when there is an error, if the state did. It goes on when
// ctx ends, for 80 s at most: whoever closes the window has consented all the same.
func (l *Linker) Finish(ctx context.Context, answer url.Values) (Outcome, error) {
	state := answer.Get("state")
	account, err := l.claim(state)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Account: account}
	switch {
	case answer.Get("error") == "access_denied":
		err = ErrRefused
	case answer.Get("error") != "":
		err = ErrLogin
	case answer.Get("code") == "":
		err = ErrNoCode
	default:
		outcome.AnotherPerson, err = l.exchange(ctx, account, answer.Get("code"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finished[state] = finished{outcome: outcome, err: err, until: time.Now().Add(patience)}
	return outcome, err
}

// Finished tells how the linking of a state ended; done is false while it has not.
func (l *Linker) Finished(state string) (outcome Outcome, done bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, done := l.finished[state]
	return f.outcome, done, f.err
}

// exchange turns a code into the account's grant.
func (l *Linker) exchange(ctx context.Context, account, code string) (anotherPerson bool, err error) {
	l.finishing <- struct{}{}
	defer func() { <-l.finishing }()
	linkable, err := l.linkable(account)
	if err != nil {
		return false, err
	}
	release, err := linkable.Grant.state.hold()
	if err != nil {
		return false, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 80*time.Second)
	defer cancel()
	token, err := linkable.Grant.app().exchange(ctx, code)
	if err != nil {
		return false, err
	}
	user, err := userID(ctx, linkable.Client.with(FixedToken(token.AccessToken)))
	if Reason(err) == ReasonCredentials {
		return false, err
	}
	// Other failures pass, and must not cost the consent, which ended the one before.
	// Who it is stays unknown then, and what was known of the account is forgotten.
	return l.accept(account, token, hashUser(user))
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
	if other, taken := l.holder(account, user); taken {
		// The consent before this one ended with it.
		return false, errors.Join(ErrAnotherAccount, other.take(token, user))
	}
	linkable, known := l.accounts[account]
	if !known {
		return false, ErrUnknownAccount // it is not offered any more
	}
	if before := linkable.Grant.user(); before != "" && user != "" && before != user {
		l.waiting[account] = waiting{token: token, user: user, until: time.Now().Add(patience)}
		return true, nil
	}
	return false, linkable.take(token, user)
}

// holder finds another account that a user is linked to.
func (l *Linker) holder(account, user string) (other Linkable, found bool) {
	for name, other := range l.accounts {
		if name != account && user != "" && other.Grant.user() == user {
			return other, true
		}
	}
	return Linkable{}, false
}

// take links the account. It works also when the grant could not be saved.
func (a Linkable) take(token *oauth2.Token, user string) error {
	linked, before := !a.Grant.Status().Consented.IsZero(), a.Grant.user()
	err := a.Grant.link(token, user)
	if linked && (user == "" || before != user) {
		a.Changed() // or it may be: where one of them is unknown, nothing is kept
	}
	a.Linked()
	return err
}

// Confirm gives the account to the other person that Finish found, and forgets
// the one before.
func (l *Linker) Confirm(account string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	w, there := l.waiting[account]
	delete(l.waiting, account)
	if !there {
		return ErrNothingToDo
	}
	if _, taken := l.holder(account, w.user); taken { // since then, by a later consent
		return ErrAnotherAccount
	}
	linkable, known := l.accounts[account]
	if !known {
		return ErrUnknownAccount
	}
	return linkable.take(w.token, w.user)
}

// Unlink forgets the account's grant and all that is known of its person. Dexcom
// has no way to be told: the person ends the consent there.
func (l *Linker) Unlink(account string) error {
	linkable, err := l.linkable(account)
	if err != nil {
		return err
	}
	if err := linkable.Grant.unlink(); err != nil {
		return err
	}
	linkable.Changed()
	return nil
}
