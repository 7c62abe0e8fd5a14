package dexcom

// AnotherAccountError is an [ErrAnotherAccount] that names the account. Who gets it has
// just logged in as that account's person.
type AnotherAccountError struct {
	// Account has the person.
	Account string
}

// Error says which account it is.
func (e *AnotherAccountError) Error() string { return ErrAnotherAccount.Error() + ": " + e.Account }

// Unwrap gives ErrAnotherAccount.
func (e *AnotherAccountError) Unwrap() error { return ErrAnotherAccount }
