package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/otlp"
)

func addServe(app *kingpin.Application) (string, action) {
	command := app.Command("serve", "Serve metrics and pages (the default command).").Default()
	configFile := addConfigFlag(command)
	flags := addWebFlags(command)
	return command.FullCommand(), func(ctx context.Context, p program) error {
		plan, err := planOf(*configFile)
		if err != nil {
			return err
		}
		return p.serve(ctx, service{plan: plan, file: *configFile, flags: flags})
	}
}

func addConfigFlag(command *kingpin.CmdClause) *string {
	return command.Flag("config.file", "The configuration file.").Default("config.yaml").String()
}

// service is a plan and where it answers.
type service struct {
	plan *plan
	// file is the plan's configuration file, which can be loaded again; empty when
	// it has none.
	file      string
	flags     *webFlags
	listeners []net.Listener // nil: as the flags say
	// prepare is called once before anybody is followed; nil is nothing.
	prepare func(context.Context, *house) error
	// ready is called once, when it answers on these addresses; nil is nothing.
	ready func(ctx context.Context, h *house, addresses []net.Addr) error
}

// serve runs until ctx is done or a part of it fails, and then stops all of it.
func (p program) serve(ctx context.Context, s service) error {
	if err := s.flags.check(); err != nil {
		return usageError{err}
	}
	h, err := s.plan.open(p.log)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer h.close()
	if s.prepare != nil {
		if err := s.prepare(ctx, h); err != nil {
			return err
		}
	}
	listeners := s.listeners
	if listeners == nil {
		if listeners, err = s.flags.listen(); err != nil {
			return fmt.Errorf("start: %w", err)
		}
	}
	control, err := listenControl(h.state.Dir())
	if err != nil {
		closeAll(listeners)
		return err
	}
	f, err := newFront(s, h, listeners, p.log)
	if err != nil {
		closeAll(append(listeners, control))
		return fmt.Errorf("start: %w", err)
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { h.collector.Run(ctx); return nil })
	group.Go(func() error { f.push.run(ctx); return nil })
	group.Go(func() error { f.reloader.onHangup(ctx); return nil })
	commands := newServer(newControl(h), p.log)
	commands.ReadTimeout, commands.WriteTimeout = 0, 0 // check and backfill take as long as Dexcom does
	serveUntilDone(ctx, group, commands, func(server *http.Server) error { return server.Serve(control) })
	for _, d := range f.doors {
		serveUntilDone(ctx, group, newServer(d, p.log), func(server *http.Server) error { return s.flags.serve(d.listener, server, p.log) })
	}
	if s.ready != nil {
		group.Go(func() error { return s.ready(ctx, h, addresses(listeners)) })
	}
	return group.Wait()
}

// newRegistry holds the collector, what is pushed, the reloader and what is known of the process
// itself.
func newRegistry(c *collector.Collector, pushed *otlp.Counters, r *reloader) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	for _, part := range []prometheus.Collector{
		c, pushed, r.successful, r.succeeded,
		versioncollector.NewCollector("dexcom_exporter"),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(part); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return registry, nil
}
