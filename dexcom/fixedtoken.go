package dexcom

import (
	"context"
	"fmt"
	"io"

	"golang.org/x/oauth2"
)

// FixedToken is an access token that nobody renews, such as the one of a consent
// that has not become a grant yet. It is a [TokenSource].
type FixedToken string

// Format keeps the token out of every verb.
func (FixedToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<token>") }

// Token gives the token; it never fails.
func (f FixedToken) Token(context.Context) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: string(f)}, nil
}

// Reject does nothing: there is no other token.
func (FixedToken) Reject(*oauth2.Token) {}
