package dexcom

import "time"

// ShareStatus says how a [Share] and its login stand.
type ShareStatus struct {
	// Proven says that these credentials worked once, since the state file knows them.
	Proven bool
	// NextLogin is when a login may be tried again; zero when one may be tried now. It
	// is set without a Refusal after the program was killed during a login, after three
	// that failed for a cause that is not known or whose answer was lost, after the state
	// file could not be read, and after three in a row that worked.
	NextLogin time.Time
	// Refusal is why the last login was refused: ErrShareCredentials, ErrShareLocked or
	// ErrShareArgument; nil when it was not.
	Refusal error
	// SessionUntil is when the session is taken to end; zero without a session.
	SessionUntil time.Time
}

// Status says how the login stands. It asks nobody and waits for nobody but the disk.
func (s *Share) Status() ShareStatus {
	state := s.known()
	return ShareStatus{
		Proven:       state.Proven,
		NextLogin:    state.next(time.Now()),
		Refusal:      state.refusal(),
		SessionUntil: s.current().until,
	}
}
