package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// controlSocket is how the other commands speak to a running program: HTTP over a
// socket in the state directory that only its owner may open.
const controlSocket = "control.sock"

// controlListener is the program's end of the socket.
type controlListener struct{ net.Listener }

// listenControl opens the socket. The caller holds the state directory's lock, so
// that a socket which is there already is nobody's.
func listenControl(stateDir string) (controlListener, error) {
	path := filepath.Join(stateDir, controlSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return controlListener{}, fmt.Errorf("remove the old control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return controlListener{}, fmt.Errorf("open the control socket (a path above 107 characters is too long): %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return controlListener{}, fmt.Errorf("protect the control socket: %w", err)
	}
	return controlListener{l}, nil
}

func (l controlListener) serve(server *http.Server) error { return server.Serve(l) }

// controlHandler answers the other commands.
func controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthy", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "healthy\n") // a command that left hears nothing
	})
	return mux
}
