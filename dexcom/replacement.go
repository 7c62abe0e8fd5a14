package dexcom

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"golang.org/x/oauth2"
)

// Replacement stands for another person than the one whom an account belongs to,
// found by one linking: whoever has it has seen the question about that person. It
// cannot be guessed.
type Replacement string

// Format keeps the replacement out of every verb.
func (Replacement) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<replacement>") }

// waiting is another person who may replace the one of an account.
type waiting struct {
	account string
	token   *oauth2.Token
	user    string
	until   time.Time
}

// wait keeps another person for an account. The caller holds mu.
func (l *Linker) wait(account string, token *oauth2.Token, user string) Replacement {
	for replacement, w := range l.waiting {
		if w.user == user { // whose consent ended with this one
			w.token = token
			l.waiting[replacement] = w
		}
	}
	replacement := Replacement(rand.Text())
	l.waiting[replacement] = waiting{account: account, token: token, user: user, until: time.Now().Add(patience)}
	return replacement
}

// Confirm gives the account to the other person that one Finish found, and forgets
// the one before. It is ErrNothingToDo when that was over 10 minutes ago, or the
// account was linked or unlinked since.
func (l *Linker) Confirm(account string, replacement Replacement) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	w, there := l.waiting[replacement]
	if !there || w.account != account {
		return ErrNothingToDo
	}
	delete(l.waiting, replacement)
	if other, taken := l.holder(account, w.user); taken { // since then, by a later consent
		return &AnotherAccountError{other.Account}
	}
	linkable, known := l.accounts[account]
	if !known {
		return ErrUnknownAccount
	}
	return l.take(linkable, w.token, w.user)
}
