package dexcom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
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
	ErrUnderWay       = errors.New("the account is being linked: look at the status in a minute")
)

// patience is how long a linking may take, from the button to the answer.
const patience = 10 * time.Minute

// Linker links accounts to people. It is safe for concurrent use.
type Linker struct {
	finishing chan struct{} // holds one consent at a time: a later one ends those before

	mu       sync.Mutex           // guards what follows
	accounts map[string]Linkable  // by name
	pending  map[string]pending   // by state: nobody answered yet
	answered map[string]*answered // by state
	waiting  map[Replacement]waiting
	changes  map[string]int // by account: how often it was linked and unlinked
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

// Outcome is what a finished linking led to.
type Outcome struct {
	Account string
	// AnotherPerson is set when the account was linked to another Dexcom user
	// before: nothing has changed until [Linker.Confirm].
	AnotherPerson bool
	// Replacement is that other person, for as long as [Linker.Confirm] takes them.
	Replacement Replacement
	// Again is set when the same answer came before: this is how it ended then.
	Again bool
	// Over is set beside Again when that tells nothing of the account any more: it was
	// linked or unlinked since, or nobody waits any more to be confirmed.
	Over bool
}

// Format keeps states and tokens out of every verb.
func (l *Linker) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<linker>") }

// NewLinker makes a linker without accounts.
func NewLinker() *Linker {
	return &Linker{
		finishing: make(chan struct{}, 1), accounts: map[string]Linkable{}, pending: map[string]pending{},
		answered: map[string]*answered{}, waiting: map[Replacement]waiting{}, changes: map[string]int{},
	}
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
	for replacement, w := range l.waiting {
		if now.After(w.until) {
			delete(l.waiting, replacement)
		}
	}
	for state, a := range l.answered {
		if !a.until.IsZero() && now.After(a.until) {
			delete(l.answered, state)
		}
	}
}

// exchange turns a code into the account's grant.
func (l *Linker) exchange(ctx context.Context, account, code string) (another Replacement, err error) {
	l.finishing <- struct{}{}
	defer func() { <-l.finishing }()
	linkable, err := l.linkable(account)
	if err != nil {
		return "", err
	}
	release, err := linkable.Grant.state.hold()
	if err != nil {
		return "", err
	}
	defer release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 80*time.Second)
	defer cancel()
	token, err := linkable.Grant.app().exchange(ctx, code)
	if err != nil {
		return "", err
	}
	user, err := userID(ctx, linkable.Client.with(FixedToken(token.AccessToken)))
	if Reason(err) == ReasonCredentials {
		return "", err
	}
	// Other failures pass, and must not cost the consent, which ended the one before.
	// Who it is stays unknown then, and what was known of the account is forgotten.
	return l.accept(account, token, hashUser(user))
}

// accept links the account, unless the person belongs to another account, or
// another person belonged to this one: then that one waits.
func (l *Linker) accept(account string, token *oauth2.Token, user string) (another Replacement, err error) {
	l.mu.Lock() // one at a time: two accounts must not both find the person free
	defer l.mu.Unlock()
	if other, taken := l.holder(account, user); taken {
		// The consent before this one ended with it.
		return "", errors.Join(&AnotherAccountError{other.Account}, l.take(other, token, user))
	}
	linkable, known := l.accounts[account]
	if !known {
		return "", ErrUnknownAccount // it is not offered any more
	}
	if before := linkable.Grant.user(); before != "" && user != "" && before != user {
		return l.wait(account, token, user), nil
	}
	return "", l.take(linkable, token, user)
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

// take links an account. The caller holds mu.
func (l *Linker) take(linkable Linkable, token *oauth2.Token, user string) error {
	before := linkable.Grant.user()
	err := linkable.take(token, user)
	if err == nil || errors.Is(err, ErrNotSaved) {
		l.changed(linkable.Account, before)
	}
	return err
}

// changed notes that an account was linked or unlinked. Nobody waits for it any
// more, nor the person of before for another. The caller holds mu.
func (l *Linker) changed(account, before string) {
	l.changes[account]++
	for replacement, w := range l.waiting {
		if w.account == account || before != "" && w.user == before {
			delete(l.waiting, replacement)
		}
	}
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

// Unlink forgets the account's grant and all that is known of its person. Dexcom
// has no way to be told: the person ends the consent there.
func (l *Linker) Unlink(account string) error {
	l.mu.Lock() // nobody is confirmed in between
	defer l.mu.Unlock()
	linkable, known := l.accounts[account]
	if !known {
		return ErrUnknownAccount
	}
	before := linkable.Grant.user()
	if err := linkable.Grant.unlink(); err != nil {
		return err
	}
	l.changed(account, before)
	linkable.Changed()
	return nil
}
