package dexcom

import (
	"context"
	"time"
)

const (
	// sessionLife is how long Dexcom keeps a session, about, and renewalMargin how long
	// before its end it is renewed (clients).
	sessionLife   = 24 * time.Hour
	renewalMargin = 10 * time.Minute
	// renewalPause is the least wait after a renewal that failed.
	renewalPause = time.Minute
)

// shareSession is what a login brings. Its id opens the person's data.
type shareSession struct {
	id      string
	until   time.Time // when it is taken to end
	renewal time.Time // when the next one is asked for
}

// current is the session that is good now; its id is empty when there is none.
func (s *Share) current() shareSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !time.Now().Before(s.session.until) {
		s.session = shareSession{}
	}
	return s.session
}

// open gives a session to read in. One that is to be renewed serves as long as no
// other can be had.
func (s *Share) open(ctx context.Context) (string, error) {
	session := s.current()
	if time.Now().Before(session.renewal) {
		return session.id, nil
	}
	id, err := s.login(ctx, session.id)
	if session = s.current(); err == nil || session.id == "" {
		return id, err
	}
	s.postpone(RetryAfter(err))
	return session.id, nil
}

// postpone puts the renewal off after it failed.
func (s *Share) postpone(wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session.renewal = time.Now().Add(max(wait, renewalPause))
}

// keep begins a session.
func (s *Share) keep(id, accountHash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := time.Now().Add(sessionLife)
	s.session = shareSession{id: id, until: until, renewal: until.Add(-renewalMargin)}
	s.accountHash = accountHash
}

// forget ends a session that Dexcom knows no more. It is false when that happens too
// often for another login.
func (s *Share) forget(id string) bool {
	now := time.Now()
	stretched := s.known().stretched(now).After(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session.id != id {
		return true // somebody else found out
	}
	if stretched {
		return false
	}
	s.session = shareSession{}
	return true
}
