// Command dexcom_exporter shows readings of Dexcom continuous glucose monitors
// to Prometheus. This package is the wiring: flags, files, listeners, shutdown.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // containers have no time zones of their own

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
)

// The exit status of every command.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration
)

// usageError is an error that the user mends in the command line or a file.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// program is what every command gets.
type program struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

// action runs a command after its flags were read.
type action func(context.Context, program) error

func main() {
	if version.Version == "" { // releases set it when they are linked
		if info, ok := debug.ReadBuildInfo(); ok {
			version.Version = info.Main.Version
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A terminal that closes sends it too: nothing ends for it. serve listens to it.
	signal.Ignore(syscall.SIGHUP)
	// Who reads no more makes a write fail: a command says so and ends as it should, with
	// its grants saved, and serve goes on without its log.
	signal.Ignore(syscall.SIGPIPE)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program: it returns the exit status once the command is done
// or ctx is. Tests call it as users do.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := kingpin.New("dexcom_exporter", "Shows readings of Dexcom continuous glucose monitors to Prometheus.\n\n"+
		"Not a medical device, not for treatment decisions. Keep the Dexcom app's own alarms on.")
	app.UsageWriter(stdout).ErrorWriter(stderr)
	app.Version(version.Print("dexcom_exporter"))
	app.HelpFlag.Short('h')
	ended := false // by --help or --version
	app.Terminate(func(int) { ended = true })
	logging := promslog.Config{Writer: stderr}
	promslogflag.AddFlags(app, &logging)
	actions := map[string]action{}
	for _, add := range []func(*kingpin.Application) (string, action){addServe, addDemo, addCheck, addLink, addBackfill, addReport, addHealthy} {
		name, run := add(app)
		actions[name] = run
	}

	command, err := app.Parse(joinDashes(args))
	switch {
	case ended:
		return exitFine
	case err != nil:
		return complain(stderr, usageError{fmt.Errorf("%w, try --help", err)})
	}
	return complain(stderr, actions[command](ctx, program{stdin: stdin, stdout: stdout, stderr: stderr, log: promslog.New(&logging)}))
}

// complain prints what went wrong, if anything did, and returns the exit status.
func complain(stderr io.Writer, err error) int {
	if err == nil {
		return exitFine
	}
	_, _ = fmt.Fprintf(stderr, "dexcom_exporter: %v\n", err) // nowhere left to say it
	if _, usage := errors.AsType[usageError](err); usage {
		return exitUsage
	}
	return exitFailed
}
