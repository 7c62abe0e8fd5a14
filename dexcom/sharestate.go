package dexcom

import (
	"crypto/rand"
	"fmt"
	"io"
	"reflect"
	"time"
)

// ShareState is what is kept of an account's logins to Dexcom Share over a restart.
// What Dexcom counts is of a user name in a region, the rest is of one password and
// address too: others start anew. It prints nothing of itself.
type ShareState struct {
	// Salt is that of all hashes, and stays for good.
	Salt string `json:"salt,omitempty"`
	// Credentials and User tell whether the credentials, and the region and user name
	// among them, are still the same.
	Credentials string `json:"credentials_hash,omitempty"`
	User        string `json:"user_hash,omitempty"`
	// AccountHash is that of the account id of the latest session, whoever's it was.
	AccountHash string `json:"account_hash,omitempty"`
	// AccountID is Share's own name of the account; empty when it is not known.
	AccountID string `json:"account_id,omitempty"`
	// Proven says that these credentials worked once.
	Proven bool `json:"proven,omitempty"`
	// Attempt is when a login began that has not ended; zero when there is none.
	Attempt time.Time `json:"attempt,omitzero"`
	// Refusal is why the last login was refused: "credentials", "locked" or
	// "argument"; "lost" when the file that said so could not be read; empty when it was
	// not.
	Refusal string `json:"refusal,omitempty"`
	// Step is how far the back-off has come: 0 not at all, 1 the second try, more
	// with each long stop.
	Step int `json:"step,omitempty"`
	// NextLogin is the end of the back-off.
	NextLogin time.Time `json:"next_login,omitzero"`
	// Failures are the times of the latest failed logins, oldest first.
	Failures []time.Time `json:"failures,omitempty"`
	// Logins are the times of the latest logins that worked, oldest first.
	Logins []time.Time `json:"logins,omitempty"`

	// since is when a time was noted last, or read from the disk: by the clock that
	// nobody sets, no stop lasts longer than it may from then on.
	since time.Time
}

// Format keeps it out of every verb.
func (s ShareState) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<share>") }

// lostShareState is what to start with when nobody knows what was.
func lostShareState(now time.Time) ShareState {
	return ShareState{Refusal: stateLost, NextLogin: now.Add(shortestStop), since: now}
}

// restored is what was read from the disk, without what makes no sense. Times to
// come stay as they are: it may be this clock that is wrong, and for a moment only.
func (s ShareState) restored(now time.Time) ShareState {
	s.since = now
	if !isUUID(s.AccountID) {
		s.AccountID = ""
	}
	s.Step = min(max(s.Step, 0), longestStep)
	s.Failures, s.Logins = latest(s.Failures), latest(s.Logins)
	if s.Attempt.Year() > 9998 { // what is counted from it could not be written
		s.Attempt = now
	}
	return s.settled()
}

// stateFor is the state to start with: what was kept, as far as it is of these
// credentials.
func (s ShareState) stateFor(config ShareConfig) ShareState {
	if s.Salt == "" {
		s.Salt = rand.Text()
	}
	credentials, user := hashCredentials(s.Salt, config), hashLogin(s.Salt, config)
	switch {
	case s.Credentials == credentials && s.User == user:
		return s
	case s.User == user || s.User == "": // the password or the address is another one, or nobody knows
		s = s.counted()
	default:
		s = ShareState{Salt: s.Salt, AccountHash: s.AccountHash}
	}
	s.Credentials, s.User = credentials, user
	return s
}

// counted is what Dexcom goes on counting under another password.
func (s ShareState) counted() ShareState {
	counted := ShareState{
		Salt: s.Salt, AccountHash: s.AccountHash,
		Attempt: s.Attempt, Failures: s.Failures, Logins: s.Logins, since: s.since,
	}
	if s.Refusal == refusedLocked || s.Refusal == stateLost {
		counted.Refusal, counted.Step, counted.NextLogin = s.Refusal, s.Step, s.NextLogin
	}
	return counted
}

// adopt takes over what is kept of these credentials, or begins anew.
func (s *Share) adopt() {
	take := func(account *AccountState) {
		account.Share = account.Share.stateFor(s.config)
		s.salt, s.mine, s.user = account.Share.Salt, account.Share.Credentials, account.Share.User
	}
	before := s.state.Get()
	after := before
	take(&after)
	if !reflect.DeepEqual(before.Share, after.Share) {
		// What cannot be written now is written before the first login.
		_ = s.state.Update(take)
	}
}

// known is what is kept, nothing when it is by now of other credentials.
func (s *Share) known() ShareState {
	state := s.state.Get().Share
	if state.Credentials != s.mine {
		return ShareState{}
	}
	return state
}

// update changes what is kept, durably, as long as it is of these credentials.
func (s *Share) update(change func(*ShareState)) error {
	replaced := false
	err := s.state.Update(func(account *AccountState) {
		if replaced = account.Share.Credentials != s.mine; !replaced {
			change(&account.Share)
		}
	})
	if replaced {
		return errShareReplaced
	}
	return err
}
