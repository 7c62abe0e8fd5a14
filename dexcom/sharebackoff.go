package dexcom

import (
	"errors"
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

	// Logins that work are no more than loginsAtOnce in a row, then one in loginPause:
	// neither a program that is started again and again nor a server that forgets every
	// session gets one for each poll.
	loginsAtOnce = 3
	loginPause   = 15 * time.Minute

	keptLogins = max(loginBudget, loginsAtOnce) // the times of so many
)

// The values of ShareState.Refusal.
const (
	refusedCredentials = "credentials"
	refusedLocked      = "locked"
	refusedArgument    = "argument"
	stateLost          = "lost"
)

// begin notes that a login begins.
func (s *ShareState) begin(now time.Time) {
	*s = s.settled()
	s.NextLogin = time.Time{} // it is over, whatever the clock says
	s.Failures, s.Logins = past(s.Failures, now), past(s.Logins, now)
	s.Attempt, s.since = now, now
}

// ended notes what became of a login that began.
func (s *ShareState) ended(at time.Time, err error) {
	s.since = at
	switch {
	case err == nil:
		s.succeed(at)
	case errors.Is(err, ErrShareCredentials):
		s.refuse(at, refusedCredentials)
	case errors.Is(err, ErrShareLocked):
		s.refuse(at, refusedLocked)
	case errors.Is(err, ErrShareArgument):
		s.refuse(at, refusedArgument)
	case errors.Is(err, errLoginFault), isLost(err):
		s.fail(at)
	default:
		s.passed()
	}
}

// overtaken notes what became of a login that began with another password: only
// what Dexcom counts.
func (s *ShareState) overtaken(at time.Time, err error) {
	s.since = at
	var other ShareState
	other.ended(at, err)
	switch {
	case errors.Is(err, ErrShareLocked):
		s.refuse(at, refusedLocked)
	case len(other.Failures) > 0:
		s.fail(at)
	default:
		s.passed()
	}
	s.Logins = latest(slices.Concat(s.Logins, other.Logins))
}

// settled counts a login that nobody saw the end of as refused: the program was
// killed, and Dexcom may have refused it. Only a login that was read from the disk
// is one.
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
	s.Failures = latest(slices.Concat(s.Failures, []time.Time{at}))
}

// refuse notes a login that was refused, and when the next one may be tried.
func (s *ShareState) refuse(at time.Time, why string) {
	s.fail(at)
	first := s.Refusal != why
	s.Refusal, s.AccountID = why, "" // the id may be what is wrong
	s.stop(at, why == refusedCredentials)
	switch {
	case why == refusedCredentials && !s.Proven && first:
		// Most are mistyped, but right ones are refused now and then: one more try,
		// so late that no lock-out follows, or what Share had of the day would be lost.
		s.NextLogin = at.Add(shortestStop)
	case why == refusedArgument, why == refusedCredentials && !s.Proven:
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
func (s *ShareState) succeed(at time.Time) {
	s.passed()
	s.Logins = latest(slices.Concat(s.Logins, []time.Time{at}))
	s.Proven, s.Refusal, s.Step, s.NextLogin = true, "", 0, time.Time{}
}

// next is when a login may be tried, zero when now.
func (s ShareState) next(now time.Time) time.Time {
	next := slices.MaxFunc([]time.Time{s.stopped(now), s.stretched(now)}, time.Time.Compare)
	if !next.After(now) {
		return time.Time{}
	}
	return next
}

// stopped is when failed logins allow another one.
func (s ShareState) stopped(now time.Time) time.Time {
	next := s.within(now, s.NextLogin, longestStop)
	if n := len(s.Failures); n >= loginBudget {
		spent := s.within(now, s.Failures[n-loginBudget].Add(budgetWindow), budgetWindow)
		next = slices.MaxFunc([]time.Time{next, spent}, time.Time.Compare)
	}
	return next
}

// stretched is when logins that worked allow another one.
func (s ShareState) stretched(now time.Time) time.Time {
	n := len(s.Logins)
	if n < loginsAtOnce {
		return time.Time{}
	}
	next := earlier(s.Logins[n-loginsAtOnce].Add(loginsAtOnce*loginPause), s.Logins[n-1].Add(loginPause))
	return s.within(now, next, loginPause)
}

// within is the end of a stop that takes no longer than most: a clock that was wrong
// must not stop logins for years, and one that is wrong now must not end a stop.
func (s ShareState) within(now, end time.Time, most time.Duration) time.Time {
	if !s.since.IsZero() {
		most -= now.Sub(s.since)
	}
	return earlier(end, now.Add(most))
}

// wait is the error while no login may be tried, nil when one may.
func (s ShareState) wait(now time.Time) error {
	next := s.next(now)
	if next.IsZero() {
		return nil
	}
	e := &Error{Op: opShareLogin, Reason: ReasonCredentials, RetryAfter: next.Sub(now), Err: s.refusal()}
	switch {
	case !s.stopped(now).After(now):
		e.Reason, e.Err = ReasonRateLimited, stoppedBecause("there were many logins of late, as of a program that is started again and again: the next one waits")
	case s.Refusal == stateLost:
		e.Err = stoppedBecause("the state file could not be read: the next login waits, in case the account is locked")
	case e.Err == nil:
		e.Err = ErrShareStopped
	}
	return e
}

// refusal is the cause in words, nil when the last login was not refused.
func (s ShareState) refusal() error {
	switch s.Refusal {
	case "", stateLost:
		return nil
	case refusedLocked:
		return ErrShareLocked
	case refusedArgument:
		return ErrShareArgument
	}
	return ErrShareCredentials
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// latest are the last times, as many as are kept.
func latest(times []time.Time) []time.Time { return times[max(0, len(times)-keptLogins):] }

// past are the times, those to come as if they were now.
func past(times []time.Time, now time.Time) []time.Time {
	var past []time.Time
	for _, t := range times {
		past = append(past, earlier(t, now))
	}
	return past
}
