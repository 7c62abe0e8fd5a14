package dexcom

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
)

// Why Dexcom Share refuses a login, in words for its owner. Each is the cause of an
// [Error] of [ReasonCredentials].
var (
	ErrShareCredentials = errors.New("the user name, password or region is refused, and a wrong one of them looks like the others: " +
		"use the login of the person who wears the sensor, not a follower's, and write a phone number with + and its country code, a US one too")
	ErrShareLocked = errors.New("the account is locked for a while, after too many failed logins of this program or another one")
	// ErrShareArgument is what Dexcom answers when it does not even try the login.
	ErrShareArgument = errors.New("the user name or password is none that Dexcom can read: look for an empty, cut off or mistyped one")
)

// Why a login was not even tried, or not to its end.
var (
	// ErrShareStopped is in the cause of an [Error] while logins are stopped and Dexcom
	// refused none; the cause's own text says why.
	ErrShareStopped = errors.New("too many logins failed or broke off: the next one waits, so that the account is not locked")
	// ErrShareState is the cause of an [Error] of [ReasonOther]: it is this machine's
	// disk, and nothing that Dexcom said.
	ErrShareState = errors.New("the login cannot be noted in the state directory, and is not tried without")
)

// The causes of other failures.
var (
	errSessionForgotten = errors.New("the session is over or unknown")
	errShareFault       = errors.New("the service reports a fault of its own")
	errLoginFault       = errors.New("the service refuses the login for a cause that is not known")
	errNoShareID        = errors.New("the answer holds no id")
	errShareReplaced    = errors.New("the account has other credentials by now")
)

// stoppedBecause is an ErrShareStopped in other words.
func stoppedBecause(text string) error { return &cause{text: text, err: ErrShareStopped} }

// stateError is why what has to be on the disk is not there. Of the cause it keeps
// what names no path.
func stateError(err error) error {
	if errno, is := errors.AsType[syscall.Errno](err); is {
		return fmt.Errorf("%w: %w", ErrShareState, errno)
	}
	return ErrShareState
}

// shareFault is an error in the terms of Share's own answers, which come as HTTP 500
// as a rule and as 200 at times (clients). Of its text nothing is kept: it holds
// session ids.
type shareFault struct {
	code         string
	authenticate bool // the text says that it is about the login
}

// faultIn finds a fault in the body of any answer; its code is empty when there is
// none.
func faultIn(body []byte) shareFault {
	var wire struct {
		Code    wireText `json:"Code"`
		Message wireText `json:"Message"`
	}
	if decodeObject(body, &wire) != nil {
		return shareFault{}
	}
	return shareFault{
		code:         squeezed(string(wire.Code)),
		authenticate: strings.Contains(strings.ToLower(string(wire.Message)), "cannot authenticate"),
	}
}

// login sorts a fault that answers a login; the codes are known from clients.
func (f shareFault) login() error {
	switch {
	case f.code == "accountpasswordinvalid", f.code == "unauthorized", f.code == "ssointernalerror" && f.authenticate:
		return ErrShareCredentials
	case strings.HasPrefix(f.code, "ssoauthenticatemaxattempts"): // …Exceeded, …Exceed
		return ErrShareLocked
	case strings.HasPrefix(f.code, "ssoauthenticate"): // …AccountNotFound, …PasswordInvalid
		return ErrShareCredentials
	case f.code == "invalidargument":
		return ErrShareArgument
	case f.code == "ssointernalerror":
		return errShareFault
	}
	return errLoginFault
}

// read sorts a fault that answers anything else.
func (f shareFault) read() error {
	if f.code == "sessionidnotfound" || f.code == "sessionnotvalid" || f.code == "unauthorized" {
		return errSessionForgotten
	}
	return errShareFault
}

// shareError sorts an answer that is none of a call's: by the code in it, whatever
// the status, else by the status. It is nil when nothing is wrong with it.
func shareError(op string, response *http.Response, body []byte, sort func(shareFault) error) error {
	fault := faultIn(body)
	switch {
	case fault.code != "":
	case response.StatusCode == http.StatusOK:
		return nil
	case response.StatusCode == http.StatusUnauthorized:
		fault.code = "unauthorized" // of no known answer, and better taken seriously
	}
	cause := sort(fault)
	e, _ := errors.AsType[*Error](refusal(op, response)) // it is one
	switch {
	case isShareRefusal(cause):
		e.Reason, e.Err = ReasonCredentials, cause
	case e.Reason == ReasonRateLimited:
		// the status says it all
	case fault.code != "":
		e.Reason, e.Err = ReasonServer, cause
	case e.Reason == ReasonOther && errors.Is(notJSON(body), errHTML):
		e.Err = errHTML
	}
	return e
}

// isShareRefusal tells a login that Dexcom refused from one that failed in passing.
func isShareRefusal(err error) bool {
	return errors.Is(err, ErrShareCredentials) || errors.Is(err, ErrShareLocked) || errors.Is(err, ErrShareArgument)
}
