package dexcom

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The reasons that [Reason] gives: a closed set, fit for a label.
const (
	ReasonCredentials = "credentials"  // the access token or password was refused
	ReasonConsent     = "consent"      // the person has to link the account (again)
	ReasonRateLimited = "rate_limited" // too many calls
	ReasonServer      = "server"       // Dexcom, or something before it, answered with a fault
	ReasonNetwork     = "network"      // no answer arrived
	ReasonDecode      = "decode"       // an answer arrived that is not what Dexcom sends
	ReasonOther       = "other"        // none of the above
)

// Reasons lists every value that [Reason] can give for an error.
func Reasons() []string {
	return []string{
		ReasonCredentials, ReasonConsent, ReasonRateLimited, ReasonServer,
		ReasonNetwork, ReasonDecode, ReasonOther,
	}
}

// Error is a failed call. Its text names the call and the cause, and holds no
// token, no address and nothing of the answer's body.
type Error struct {
	Op         string        // what was asked for, such as "egvs"
	Reason     string        // one of Reasons
	StatusCode int           // HTTP status, 0 when no answer arrived
	RetryAfter time.Duration // what Dexcom asked for, 0 when it asked for nothing
	Err        error         // the cause, nil when the status says it all
}

func (e *Error) Error() string {
	text := "dexcom: " + e.Op + ": " + e.Reason
	if e.StatusCode != 0 {
		text += fmt.Sprintf(": HTTP %d", e.StatusCode)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Reason sorts err into one of [Reasons]; nil gives the empty string. A cause
// that did not come from this package is [ReasonNetwork] when it is a deadline,
// else [ReasonOther].
func Reason(err error) string {
	e, ours := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return ""
	case ours:
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonNetwork
	}
	return ReasonOther
}

// RetryAfter is how long the server asked the caller to stay away; 0 when err
// says nothing of it.
func RetryAfter(err error) time.Duration {
	if e, ours := errors.AsType[*Error](err); ours {
		return e.RetryAfter
	}
	return 0
}
