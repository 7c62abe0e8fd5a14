package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
)

// controlSocket is how the other commands speak to a running program: JSON over
// HTTP over a socket in the state directory that only its owner may open.
const controlSocket = "control.sock"

// errNotRunning means that no program has the state directory open.
var errNotRunning = errors.New("no program is running with this configuration file")

// listenControl opens the socket. The caller holds the state directory's lock, so
// that a socket which is there already is nobody's.
func listenControl(stateDir string) (net.Listener, error) {
	path := filepath.Join(stateDir, controlSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	l, err := (&net.ListenConfig{Control: forOwner}).Listen(context.Background(), "unix", path) // it does not wait
	if err != nil {
		return nil, fmt.Errorf("open the control socket (a path above 107 characters is too long): %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("protect the control socket: %w", err)
	}
	return l, nil
}

// forOwner has a socket made for its owner only: until its mode was changed, others
// could come in. Linux alone knows that.
func forOwner(_, _ string, socket syscall.RawConn) error {
	return socket.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) }) // elsewhere the mode is changed afterwards
}

// newControl answers the other commands.
func newControl(h *house) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /healthy", answering(func(context.Context, struct{}) (struct{}, error) {
		return struct{}{}, nil
	}))
	mux.HandleFunc("POST /check", answering(func(ctx context.Context, theirs marks) ([]finding, error) {
		ours := h.planned().marked(theirs.Salt)
		return ours.compare(theirs, h.checker().run(ctx)), nil
	}))
	mux.HandleFunc("POST /backfill", tellPast(localPast{h}))
	mux.HandleFunc("POST /report", tellPast(knownPast{h, true}))
	links := localLinks{h}
	mux.HandleFunc("POST /link/start", answering(links.start))
	mux.HandleFunc("POST /link/finish", answering(links.finish))
	mux.HandleFunc("POST /link/confirm", answering(links.confirm))
	mux.HandleFunc("POST /link/finished", answering(links.finished))
	return mux
}

// answering turns a function into a handler: JSON in, JSON or an error's text out.
func answering[Q, A any](answer func(context.Context, Q) (A, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var question Q
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&question); err != nil {
			http.Error(w, "this is no question", http.StatusBadRequest)
			return
		}
		reply, err := answer(r.Context(), question)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(reply) // a command that left hears nothing
	}
}

// control asks the program that has a state directory open.
type control struct{ stateDir string }

// ask sends a question and reads the reply; either may be nil. The error is
// errNotRunning when nobody is there, else what the program said.
func (c control) ask(ctx context.Context, what string, question, reply any) error {
	answer, err := c.open(ctx, what, question)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(answer, 1<<20))
	switch {
	case err != nil:
		return fmt.Errorf("ask the running program: %w", err)
	case reply == nil:
		return nil
	}
	return json.Unmarshal(text, reply)
}

// open is ask for a reply of any length, which the caller reads and closes.
func (c control) open(ctx context.Context, what string, question any) (io.ReadCloser, error) {
	if question == nil {
		question = struct{}{}
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("ask the running program: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+what, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the running program: %w", err)
	}
	response, err := c.client().Do(request)
	if err != nil {
		if _, dialing := errors.AsType[*net.OpError](err); dialing && ctx.Err() == nil {
			return nil, errNotRunning
		}
		return nil, fmt.Errorf("ask the running program: %w", errors.Unwrap(err))
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer func() { _ = response.Body.Close() }() // only read from
	if response.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("the running program is another version, which knows no %s: restart it with this one", what)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("ask the running program: %w", err)
	}
	return nil, errors.New(string(bytes.TrimSpace(text)))
}

func (c control) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, // a question, an answer, and nobody left behind
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(c.stateDir, controlSocket))
		},
	}}
}
