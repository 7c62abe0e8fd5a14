package dexcom

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"
)

// ShareState is what is kept of an account's logins to Dexcom Share over a restart.
// All of it is of one user name, password, region and address: others start anew.
// It prints nothing of itself.
type ShareState struct {
	// Salt and Credentials tell whether the credentials are still the same.
	Salt        string `json:"salt,omitempty"`
	Credentials string `json:"credentials_hash,omitempty"`
	// AccountID is Share's own name of the account; empty when it is not known.
	AccountID string `json:"account_id,omitempty"`
	// Proven says that these credentials worked once.
	Proven bool `json:"proven,omitempty"`
	// Attempt is when a login began that has not ended; zero when there is none.
	Attempt time.Time `json:"attempt,omitzero"`
	// Refusal is why the last login was refused: "credentials", "locked" or
	// "argument"; empty when it was not.
	Refusal string `json:"refusal,omitempty"`
	// Step is how far the back-off has come: 0 not at all, 1 the second try, more
	// with each long stop.
	Step int `json:"step,omitempty"`
	// NextLogin is the end of the back-off.
	NextLogin time.Time `json:"next_login,omitzero"`
	// Failures are the times of the latest failed logins, oldest first.
	Failures []time.Time `json:"failures,omitempty"`
}

// Format keeps it out of every verb.
func (s ShareState) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<share>") }

// hashCredentials tells credentials from others. A fast hash is enough: the password
// itself is on the same disk, in a file that the same person can read, so that
// guessing it from here is the longer way. The salt keeps two people with one
// password apart.
func hashCredentials(salt string, config ShareConfig) string {
	h := sha256.New()
	for _, field := range []string{salt, string(config.Region), config.BaseURL, config.Username, config.Password} {
		_, _ = fmt.Fprintf(h, "%d %s\n", len(field), field) // never fails: package hash
	}
	return hex.EncodeToString(h.Sum(nil))
}

// stateFor is the state to start with: what was kept, if it is of these credentials
// and makes sense.
func (s ShareState) stateFor(config ShareConfig, now time.Time) ShareState {
	if s.Salt == "" || s.Credentials != hashCredentials(s.Salt, config) {
		salt := rand.Text()
		return ShareState{Salt: salt, Credentials: hashCredentials(salt, config)}
	}
	if !isUUID(s.AccountID) {
		s.AccountID = ""
	}
	s.Step = min(max(s.Step, 0), longestStep)
	s.Failures = slices.Clone(s.Failures[max(0, len(s.Failures)-loginBudget):])
	// A clock that was wrong before must not stop logins for years.
	s.Attempt = earlier(s.Attempt, now)
	s.NextLogin = earlier(s.NextLogin, now.Add(longestStop))
	for i := range s.Failures {
		s.Failures[i] = earlier(s.Failures[i], now)
	}
	return s
}

// adopt takes over what is kept of these credentials, or begins anew.
func (s *Share) adopt() {
	before := s.state.Get().Share
	after := before.stateFor(s.config, time.Now())
	s.mine = after.Credentials
	if !reflect.DeepEqual(before, after) {
		// What cannot be written now is written before the first login.
		_ = s.state.Update(func(account *AccountState) { account.Share = after })
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

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// isUUID tells an id of Share's from anything else that may be in its place.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		isDash := i == 8 || i == 13 || i == 18 || i == 23
		isHex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
		if isDash != (c == '-') || !isDash && !isHex {
			return false
		}
	}
	return true
}
