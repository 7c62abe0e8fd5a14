package dexcom

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
)

// errNeverSent marks the failure of a request that nobody can have received.
var errNeverSent = errors.New("the request was never sent")

// delivery finds out whether a request can have been received: a login whose answer
// was lost may have been refused.
type delivery struct {
	wanted, connected atomic.Bool // a connection: one was looked for, one was found
}

// watch gives the context for the request.
func (d *delivery) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { d.wanted.Store(true); d.connected.Store(false) }, // anew for each try
		// Whether it was written is not asked: it can be on its way when the call ends.
		GotConn: func(httptrace.GotConnInfo) { d.connected.Store(true) },
	})
}

// mark adds errNeverSent to the error of a request that was not.
func (d *delivery) mark(err error) error {
	dial, isNet := errors.AsType[*net.OpError](err)
	switch {
	case d.wanted.Load() && !d.connected.Load(), isNet && dial.Op == "dial", isType[*net.DNSError](err), errors.Is(err, syscall.ECONNREFUSED):
		return errors.Join(errNeverSent, err)
	}
	return err
}

// isLost tells a request that may have been received from others, when no answer
// arrived.
func isLost(err error) bool {
	return Reason(err) == ReasonNetwork && !errors.Is(err, errNeverSent)
}
