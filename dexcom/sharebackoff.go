package dexcom

import (
	"slices"
	"time"
)

// The program must never lock an account. How many failed logins that takes is not
// known; other clients give up after three.
const (
	// loginBudget is how many logins may fail within budgetWindow, whatever happens.
	loginBudget  = 3
	budgetWindow = 30 * time.Minute

	// secondTry is the wait after the first refusal of credentials that worked
	// before: right ones are refused now and then (clients).
	secondTry = 90 * time.Second
	// Stops begin with shortestStop and double up to longestStop.
	shortestStop = 30 * time.Minute
	longestStop  = 24 * time.Hour
	longestStep  = 8 // which is above longestStop
)

// The values of ShareState.Refusal.
const (
	refusedCredentials = "credentials"
	refusedLocked      = "locked"
	refusedArgument    = "argument"
)

// begin notes that a login begins.
func (s *ShareState) begin(now time.Time) {
	*s = s.settled()
	s.Attempt = now
}

// settled counts a login that nobody saw the end of as refused: the program was
// killed, and Dexcom may have refused it.
func (s ShareState) settled() ShareState {
	if began := s.Attempt; !began.IsZero() {
		s.fail(began)
		s.stop(began, s.Refusal != refusedLocked)
	}
	return s
}

// passed forgets the login that began: it failed for a cause that has nothing to do
// with the account.
func (s *ShareState) passed() { s.Attempt = time.Time{} }

// fail counts a login against the budget.
func (s *ShareState) fail(at time.Time) {
	s.passed()
	failures := slices.Concat(s.Failures, []time.Time{at})
	s.Failures = failures[max(0, len(failures)-loginBudget):]
}

// refuse notes a login that was refused, and when the next one may be tried.
func (s *ShareState) refuse(at time.Time, why string) {
	s.fail(at)
	s.Refusal, s.AccountID = why, "" // the id may be what is wrong
	s.stop(at, why == refusedCredentials)
	if why == refusedArgument || why == refusedCredentials && !s.Proven {
		s.NextLogin = at.Add(longestStop) // only other credentials help
	}
}

// stop puts the next login off; again allows one second try before the first long
// stop.
func (s *ShareState) stop(at time.Time, again bool) {
	wait := secondTry
	if again && s.Step == 0 {
		s.Step = 1
	} else {
		s.Step = min(max(s.Step, 1)+1, longestStep)
		wait = min(shortestStop<<(s.Step-2), longestStop)
	}
	s.NextLogin = at.Add(wait)
}

// succeed notes a login that worked.
func (s *ShareState) succeed() {
	s.passed()
	s.Proven, s.Refusal, s.Step, s.NextLogin = true, "", 0, time.Time{}
}

// next is when a login may be tried, zero when now.
func (s ShareState) next(now time.Time) time.Time {
	s = s.settled()
	next := s.NextLogin
	if len(s.Failures) == loginBudget {
		if free := s.Failures[0].Add(budgetWindow); free.After(next) {
			next = free
		}
	}
	if !next.After(now) {
		return time.Time{}
	}
	return next
}

// wait is the error while no login may be tried, nil when one may.
func (s ShareState) wait(now time.Time) error {
	next := s.next(now)
	if next.IsZero() {
		return nil
	}
	e := &Error{Op: opShareLogin, Reason: ReasonCredentials, RetryAfter: next.Sub(now), Err: s.refusal()}
	if e.Err == nil {
		e.Err = errLoginsStopped
	}
	return e
}

// refusal is the cause in words, nil when the last login was not refused.
func (s ShareState) refusal() error {
	switch s.Refusal {
	case "":
		return nil
	case refusedLocked:
		return ErrShareLocked
	case refusedArgument:
		return ErrShareArgument
	}
	return ErrShareCredentials
}
