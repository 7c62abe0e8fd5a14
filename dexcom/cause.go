package dexcom

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// cause is why no answer arrived, in one of a few fixed texts. The errors of
// net/http quote addresses and whatever the other side sent, an echoed token
// included, and must not be printed.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }

// Unwrap gives the error that must not be printed.
func (c *cause) Unwrap() error { return c.err }

// causeOf finds the text for a failure of net/http. Errors of our own stay as
// they are.
func causeOf(err error) error {
	if isDecoding(err) {
		return innermost(err)
	}
	return &cause{text: causeText(err), err: err}
}

func causeText(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "the program stopped waiting"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case isType[*net.DNSError](err):
		return "the host's name cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there"
	case isType[*tls.CertificateVerificationError](err):
		return "the server's certificate is not to be trusted"
	case errors.Is(err, http.ErrSchemeMismatch), isType[tls.RecordHeaderError](err), isType[tls.AlertError](err):
		return "TLS failed: is it another kind of server, or a proxy?"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection ended before the answer did"
	case isType[*net.OpError](err):
		return "the host cannot be reached"
	}
	return "the answer is not HTTP as it should be"
}

func isType[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

// innermost is the error at the end of the chain, one of our sentinels.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
