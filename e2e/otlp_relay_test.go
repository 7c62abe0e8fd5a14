package e2e

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"sync"
	"testing"
)

// relay stands between the program and its receiver, and keeps a book of what it
// answers to the program. It is safe for concurrent use.
type relay struct {
	receiver *lateServer
	forge    func(metric string, point []byte) [][]byte // nil: all goes through as it is

	mu     sync.Mutex // guards what follows
	book   book
	ambush *ambush // nil: none
}

// book is what the program was answered.
type book struct {
	live, late int // points of pushes that were taken
	failures   int // pushes without an answer, or with one that passes
	refusals   int // pushes that were refused
}

// ambush kills the receiver at a push of readings.
type ambush struct {
	pushes int           // of readings that it lets pass before
	stored bool          // the receiver takes the push before it is killed, and nobody learns of it
	done   chan struct{} // closed when it is dead
}

// startRelay gives the relay's endpoint, too.
func startRelay(t *testing.T, receiver *lateServer, forge func(metric string, point []byte) [][]byte) (r *relay, endpoint string) {
	t.Helper()
	r = &relay{receiver: receiver, forge: forge}
	return r, listen(t, r)
}

// lay lays an ambush.
func (r *relay) lay(pushes int, stored bool) *ambush {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ambush = &ambush{pushes: pushes, stored: stored, done: make(chan struct{})}
	return r.ambush
}

// read gives the book as it is now.
func (r *relay) read() book {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.book
}

// ServeHTTP implements http.Handler.
func (r *relay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock() // the program makes one push at a time
	defer r.mu.Unlock()
	push, err := unpacked(request)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	live, late := countPoints(push)
	if r.forge != nil {
		push = rewritePoints(push, r.forge)
	}
	a := r.struck(late)
	if a != nil && !a.stored {
		r.kill(a)
	}
	status, text, err := r.forward(request, push)
	if a != nil && a.stored {
		r.kill(a)
	}
	switch {
	case err != nil || a != nil:
		r.book.failures++
		sever(w)
		return
	case status/100 == 2:
		r.book.live += live
		r.book.late += late
	case status == http.StatusBadRequest:
		r.book.refusals++
	default:
		r.book.failures++
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // fails only if the program is gone
}

// struck is the ambush that this push falls into, nil if none.
func (r *relay) struck(late int) *ambush {
	a := r.ambush
	if a == nil || late == 0 {
		return nil
	}
	if a.pushes > 0 {
		a.pushes--
		return nil
	}
	r.ambush = nil
	return a
}

func (r *relay) kill(a *ambush) {
	_ = r.receiver.cmd.Process.Kill() // the test waits for its end
	<-r.receiver.ended
	close(a.done)
}

// unpacked is what a push says.
func unpacked(request *http.Request) ([]byte, error) {
	if request.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(request.Body)
	}
	body, err := gzip.NewReader(request.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(body)
}

func (r *relay) forward(request *http.Request, push []byte) (status int, text []byte, err error) {
	onward, err := http.NewRequestWithContext(request.Context(), http.MethodPost, r.receiver.base+"/api/v1/otlp"+request.URL.Path, bytes.NewReader(push))
	if err != nil {
		return 0, nil, err
	}
	onward.Header.Set("Content-Type", request.Header.Get("Content-Type"))
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(onward)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

// sever ends a connection without an answer.
func sever(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close() // nobody reads on
	}
}
