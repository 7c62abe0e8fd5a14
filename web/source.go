package web

import (
	"errors"
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// source is how the polls of one source went, in words.
type source struct {
	Name  string
	State string
	Mark  mark
	Since string // how long it has been failing; empty when it is not
	Todo  string // what somebody can do; empty for nothing
	Next  string // when it is asked again
}

// mark stands before a source, for who looks from afar; the words say the same.
type mark struct{ Class, Sign string }

func markOf(status collector.SourceStatus, now time.Time) mark {
	switch {
	case isForgotten(status, now):
		return mark{"bad", "!"}
	case status.Up():
		return mark{"good", "✓"}
	case status.Result == "":
		return mark{"faint", "…"}
	}
	return mark{"bad", "!"}
}

// sourcesOf puts all sources of an account into words. onScrape is whether scrapes
// start the polls.
func sourcesOf(s collector.Standing, onScrape bool) []source {
	var all []source
	for _, status := range s.Sources {
		words := source{Name: sourceName(status.Name), Mark: markOf(status, s.Now), Next: nextPoll(status, s.Now, onScrape)}
		clock := clockOf(s.Clock, s.Now)
		switch {
		case isForgotten(status, s.Now):
			words.State, words.Todo, words.Next = notAsked(status, clock, onScrape)
		case status.Up():
			words.State = "connected"
		case status.Result == "" && onScrape:
			words.State = "waits for a scrape of the metrics"
		case status.Result == "":
			words.State = "waiting for the first answer"
		default:
			words.State, words.Todo = causeOf(s.Account, status, clock)
			if waitsForPerson(status) {
				words.Next = ""
			}
			words.Since = "since " + clock.time(status.Since) + ", " + AgeInWords(s.Now.Sub(status.Since))
		}
		all = append(all, words)
	}
	return all
}

// waitsForPerson tells whether no poll mends what is wrong: of a refused login the
// cause says when the next is tried.
func waitsForPerson(status collector.SourceStatus) bool {
	return status.Result == dexcom.ReasonConsent || status.Result == dexcom.ReasonCredentials && status.Name == "share"
}

// isForgotten tells whether nobody has asked a source for long, although the time to do
// so came. What it said last is then no answer of now. The plan counts, and not the
// last poll: after failures, and where nothing can be new, pauses are long.
func isForgotten(status collector.SourceStatus, now time.Time) bool {
	return !status.LastPoll.IsZero() && now.Sub(status.LastPoll) > patience && now.Sub(status.NextPoll) > patience
}

// notAsked says since when nobody asks, and who should.
func notAsked(status collector.SourceStatus, clock clock, onScrape bool) (state, todo, next string) {
	state = "not asked since " + clock.time(status.LastPoll)
	if onScrape {
		return state + ": does Prometheus still scrape?", "", ""
	}
	return state, "It should have been by now: look at the log. Was this machine asleep?", "next poll now"
}

func sourceName(name string) string {
	if name == "share" {
		return "Dexcom Share"
	}
	return "Official API"
}

// causeOf says why the last poll failed, and what somebody can do. Of the error it
// takes what the dexcom package wrote itself.
func causeOf(account string, status collector.SourceStatus, clock clock) (state, todo string) {
	switch status.Result {
	case dexcom.ReasonConsent:
		return "consent needed", "" // the invitation says what to do
	case dexcom.ReasonCredentials:
		if status.Name == "share" {
			return loginCause(status, clock)
		}
		return "Dexcom refuses the access", "Is the person's Dexcom account in another region than configured? Link " + account + " again."
	case dexcom.ReasonRateLimited:
		return "Dexcom wants fewer calls", "Nothing as a rule: it passes. Does another program use the same app or login?"
	case dexcom.ReasonServer:
		return "Dexcom has a fault of its own" + detail(status.Err), "Nothing: it passes."
	case dexcom.ReasonNetwork:
		return "no answer" + detail(status.Err), "Look at the network and the proxy."
	case dexcom.ReasonDecode:
		return "somebody else answers in Dexcom's place" + detail(status.Err), "Look at base_url and the proxy in the configuration."
	}
	if errors.Is(status.Err, dexcom.ErrShareState) {
		return dexcom.ErrShareState.Error(), "Mend the state directory."
	}
	return "an unexpected answer" + detail(status.Err), "Look at base_url and the proxy, and at the log."
}

// loginCause says why Share refuses the login, or why none is tried.
func loginCause(status collector.SourceStatus, clock clock) (state, todo string) {
	next := ""
	if wait := dexcom.RetryAfter(status.Err); wait > 0 {
		next = " The next login is tried about " + clock.time(status.LastPoll.Add(wait)) + ", so that the account is not locked."
	}
	switch {
	case errors.Is(status.Err, dexcom.ErrShareLocked):
		return "the account is locked for a while", "Nothing: wait." + next
	case errors.Is(status.Err, dexcom.ErrShareCredentials):
		return "the login is refused", sentence(dexcom.ErrShareCredentials) + next
	case errors.Is(status.Err, dexcom.ErrShareArgument):
		return "the login cannot be read", sentence(dexcom.ErrShareArgument) + next
	}
	return "logins are stopped", "Nothing: it goes on by itself." + next
}

// detail is the cause of an error in the fixed words of package dexcom, or the HTTP
// status. Errors of others may hold anything and are not shown.
func detail(err error) string {
	failed, ours := errors.AsType[*dexcom.Error](err)
	switch {
	case !ours:
		return ""
	case failed.StatusCode != 0:
		return fmt.Sprintf(" (HTTP %d)", failed.StatusCode)
	case failed.Err != nil:
		return " (" + failed.Err.Error() + ")"
	}
	return ""
}

// nextPoll says when a source is asked again.
func nextPoll(status collector.SourceStatus, now time.Time, onScrape bool) string {
	switch wait := status.NextPoll.Sub(now); {
	case onScrape:
		return "asked when Prometheus scrapes"
	case status.NextPoll.IsZero():
		return ""
	case wait <= 0:
		return "next poll now"
	default:
		return "next poll " + in(wait)
	}
}
