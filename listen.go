package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/coreos/go-systemd/v22/activation"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

// webFlags say where and how the program answers.
type webFlags struct {
	*toolkit.FlagConfig

	telemetryPath   *string
	enableLifecycle *bool
	openPages       *bool
}

func addWebFlags(command *kingpin.CmdClause) *webFlags {
	toolkitFlags := kingpinflag.AddFlags(command, "127.0.0.1:10180")
	command.GetFlag("web.listen-address").Help("Address to listen on, such as :10180 or [::1]:10180. Repeatable.")
	return &webFlags{
		FlagConfig: toolkitFlags,
		telemetryPath: command.Flag("web.telemetry-path", "Path under which metrics are.").
			Default("/metrics").String(),
		enableLifecycle: command.Flag("web.enable-lifecycle", "Answer POST /-/reload: load the configuration again.").Bool(),
		openPages: command.Flag("web.open-pages",
			"Show the pages for people without authentication on any listener; for a private container network.").Bool(),
	}
}

// check refuses what would fail only later.
func (f *webFlags) check() error {
	if !servable(*f.telemetryPath) {
		return fmt.Errorf("--web.telemetry-path: %q cannot be used, choose something like /metrics", *f.telemetryPath)
	}
	for _, address := range *f.WebListenAddresses {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("--web.listen-address: %q is no address, write it as in :10180 or [::1]:10180", address)
		}
	}
	if err := toolkit.Validate(*f.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file %s: %w", *f.WebConfigFile, err)
	}
	return nil
}

// servable tells whether metrics can be at a path: it must be one that requests
// can have, and none of the other routes'.
func servable(telemetryPath string) bool {
	taken := []string{"/", "/style.css", "/readings"}
	return strings.HasPrefix(telemetryPath, "/") && path.Clean(telemetryPath) == telemetryPath &&
		!strings.ContainsAny(telemetryPath, "{}?#% \t") && !slices.Contains(taken, telemetryPath) &&
		!strings.HasPrefix(telemetryPath, "/-/") && !strings.HasPrefix(telemetryPath, "/accounts") && !strings.HasPrefix(telemetryPath, "/oauth")
}

// listen opens all listeners, or none.
func (f *webFlags) listen() ([]net.Listener, error) {
	if *f.WebSystemdSocket {
		listeners, err := activation.Listeners()
		if err == nil && (len(listeners) == 0 || slices.Contains(listeners, nil)) {
			err = errors.New("--web.systemd-socket: systemd passed no stream sockets, or others too")
		}
		return listeners, err
	}
	var listeners []net.Listener
	for _, address := range *f.WebListenAddresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			closeAll(listeners)
			if errors.Is(err, syscall.EADDRINUSE) {
				err = fmt.Errorf("%w: end the program that has it, maybe this one, or choose another, as in --web.listen-address=127.0.0.1:10181", err)
			}
			return nil, fmt.Errorf("--web.listen-address: %w", err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// closeAll closes listeners that served nothing.
func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // nobody was there
	}
}

// serve adds TLS and authentication as the web configuration file says.
func (f *webFlags) serve(l net.Listener, server *http.Server, log *slog.Logger) error {
	return toolkit.Serve(l, server, f.FlagConfig, log)
}

// guard says who is answered on an address.
func (f *webFlags) guard(address net.Addr, hosts []string) web.Guard {
	tcp, isTCP := address.(*net.TCPAddr)
	return web.Guard{
		// Anything but TCP, such as a socket in the file system, is not reached
		// through the network.
		Loopback:      !isTCP || tcp.IP.IsLoopback(),
		Authenticated: f.authenticated,
		OpenPages:     *f.openPages,
		Hosts:         hosts,
	}
}

// authenticated tells whether the client of a request had to prove who it is. The
// file may demand certificates by now of a listener that was opened without TLS,
// or of a connection that is older: then there is none.
func (f *webFlags) authenticated(r *http.Request) bool {
	demanded, err := config.Authenticates(*f.WebConfigFile)
	proved := r.TLS != nil && len(r.TLS.VerifiedChains) > 0
	return err == nil && (demanded.Passwords || demanded.Certificates && proved)
}

// closed tells whether nobody is shown the pages on an address: others reach it, and
// nobody proves who they are.
func (f *webFlags) closed(address net.Addr) bool {
	guard := f.guard(address, nil)
	demanded, err := config.Authenticates(*f.WebConfigFile)
	return !guard.Loopback && !guard.OpenPages && (err != nil || !demanded.Demanded())
}

// warn says once who can read what on an address that others reach.
func (f *webFlags) warn(guard web.Guard, address net.Addr, log *slog.Logger) {
	if demanded, err := config.Authenticates(*f.WebConfigFile); err == nil && !guard.Loopback && !demanded.Demanded() {
		log.Warn("no authentication: everybody who reaches this address can read the glucose of all accounts",
			"address", address.String(), "metrics", *f.telemetryPath, "pages", guard.OpenPages)
	}
}

func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// serveUntilDone runs the server in the group, and gives its requests 5 s when
// ctx is done.
func serveUntilDone(ctx context.Context, group *errgroup.Group, server *http.Server, serve func(*http.Server) error) {
	group.Go(func() error {
		if err := serve(server); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // who is not done by now is cut off
		}
		return nil
	})
}

func addresses(listeners []net.Listener) []net.Addr {
	var all []net.Addr
	for _, l := range listeners {
		all = append(all, l.Addr())
	}
	return all
}
