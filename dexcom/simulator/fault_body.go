package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"
)

// TrickleAnswer sends the body piece by piece; all of it takes d.
func TrickleAnswer(d time.Duration) Fault {
	return Fault{name: "body trickled", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		a.stream(w, newTrickle(r.Context(), a.body.Bytes(), d))
	}}
}

// ShortenBody announces the whole body by its Content-Length, sends half and
// closes the connection: the client sees an io.ErrUnexpectedEOF.
func ShortenBody() Fault { return breakBody("body shortened", true, io.ErrUnexpectedEOF) }

// CutBody sends half of a body in chunks and closes the connection before the
// last chunk: the client sees an io.ErrUnexpectedEOF. Over HTTP/2, which has no
// chunks, it is [ShortenBody].
func CutBody() Fault { return breakBody("body cut", false, io.ErrUnexpectedEOF) }

// ResetBody resets the connection (ECONNRESET) when half of the body is sent.
// Over HTTP/2, which has no connection of its own, it is [ShortenBody].
func ResetBody() Fault { return breakBody("body reset", false, reset()) }

// ResetConnection resets the connection (ECONNRESET) before anything was done.
// Over HTTP/2, which has no connection of its own, it is a 502.
func ResetConnection() Fault {
	return Fault{name: "connection reset", serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		hangUp(w, reset())
	}}
}

// HalveBody sends half of the body as if it were all: nothing but the JSON
// shows that it is not.
func HalveBody() Fault {
	return Fault{name: "body halved", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		a.body.Truncate(a.body.Len() / 2)
		a.replay(w)
	}}
}

// breakBody sends half of a body and then breaks the connection.
func breakBody(name string, announced bool, cause error) Fault {
	return Fault{name: name, serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		if announced || r.ProtoMajor > 1 {
			a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
		}
		half := a.body.Bytes()[:a.body.Len()/2]
		a.stream(w, io.MultiReader(bytes.NewReader(half), broken{cause}))
	}}
}

// reset is what a client reads from a connection that was reset.
func reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// broken is a body of which nothing more comes.
type broken struct{ cause error }

func (b broken) Read([]byte) (int, error) { return 0, b.cause }

// trickle is a body of which a piece comes now and then.
type trickle struct {
	ctx   context.Context
	body  []byte // what is left
	size  int    // of a piece
	came  int    // how much of the current piece is left
	pause time.Duration
}

// newTrickle is a body that takes d.
func newTrickle(ctx context.Context, body []byte, d time.Duration) *trickle {
	const most = 50
	size := max(1, (len(body)+most-1)/most)
	pieces := max(1, (len(body)+size-1)/size)
	return &trickle{ctx: ctx, body: body, size: size, pause: d / time.Duration(pieces)}
}

func (t *trickle) Read(b []byte) (int, error) {
	if len(t.body) == 0 {
		return 0, io.EOF
	}
	if t.came == 0 {
		if !sleep(t.ctx, t.pause) {
			return 0, fmt.Errorf("read simulated answer: %w", t.ctx.Err())
		}
		t.came = min(t.size, len(t.body))
	}
	n := copy(b, t.body[:t.came])
	t.body, t.came = t.body[n:], t.came-n
	return n, nil
}
