package simulator

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// flow is a body that is made while a client without sockets reads it.
type flow struct {
	ctx    context.Context
	made   io.Reader
	cancel func()
}

func (f *flow) Read(b []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read simulated answer: %w", err)
	}
	return f.made.Read(b)
}

func (f *flow) Close() error {
	f.cancel()
	return nil
}

// unpack reads the body through gzip, as an http.Transport does.
func unpack(answer *http.Response) {
	answer.Body = &unpacked{packed: answer.Body}
	answer.ContentLength, answer.Uncompressed = -1, true
	answer.Header.Del("Content-Encoding")
	answer.Header.Del("Content-Length")
}

// unpacked is a body out of gzip.
type unpacked struct {
	packed io.ReadCloser
	plain  io.Reader // nil before the first read
}

func (u *unpacked) Read(b []byte) (int, error) {
	if u.plain == nil {
		plain, err := gzip.NewReader(u.packed)
		if err != nil {
			return 0, fmt.Errorf("unpack simulated answer: %w", err)
		}
		u.plain = plain
	}
	return u.plain.Read(b)
}

func (u *unpacked) Close() error { return u.packed.Close() }

// pour sends a body to a socket as it is made. Where the body breaks, the
// connection does.
func pour(w http.ResponseWriter, body io.Reader) {
	socket := http.NewResponseController(w)
	_ = socket.Flush() // the header is there before the body is
	piece := make([]byte, 32<<10)
	for {
		n, err := body.Read(piece)
		if _, gone := w.Write(piece[:n]); gone != nil {
			return
		}
		_ = socket.Flush() // what cannot flush sends the whole at the end
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			drop(w, err)
			return
		}
	}
}

// hangUp ends a request without an answer, for a cause that the client sees.
func hangUp(w http.ResponseWriter, cause error) {
	if a, ok := w.(*recorder); ok {
		a.lost = cause
		return
	}
	if !drop(w, cause) {
		w.WriteHeader(http.StatusBadGateway)
	}
}

// drop closes the connection, if there is one of its own, and tells so.
func drop(w http.ResponseWriter, cause error) bool {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	if errors.Is(cause, syscall.ECONNRESET) {
		connection = abrupt(connection)
	}
	_ = connection.Close() // nothing more is written that could be lost
	return true
}

// abrupt is the connection, made so that closing it resets it.
func abrupt(connection net.Conn) net.Conn {
	if secured, ok := connection.(*tls.Conn); ok {
		connection = secured.NetConn() // no alert before the end
	}
	if socket, ok := connection.(*net.TCPConn); ok {
		_ = socket.SetLinger(0) // else it is closed in order
	}
	return connection
}
