package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/web"
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
		return p.serve(ctx, service{plan: plan, flags: flags})
	}
}

func addConfigFlag(command *kingpin.CmdClause) *string {
	return command.Flag("config.file", "The configuration file.").Default("config.yaml").String()
}

// service is a plan and where it answers.
type service struct {
	plan      *plan
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
	registry, err := newRegistry(h.collector)
	if err != nil {
		return err
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

	handlers, err := p.handlers(s, h, registry, listeners)
	if err != nil {
		closeAll(append(listeners, control))
		return fmt.Errorf("start: %w", err)
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { h.collector.Run(ctx); return nil })
	commands := newServer(newControl(h), p.log)
	commands.WriteTimeout = 0 // check takes as long as Dexcom does
	serveUntilDone(ctx, group, commands, func(server *http.Server) error { return server.Serve(control) })
	for i, l := range listeners {
		serveUntilDone(ctx, group, newServer(handlers[i], p.log), func(server *http.Server) error { return s.flags.serve(l, server, p.log) })
	}
	if s.ready != nil {
		group.Go(func() error { return s.ready(ctx, h, addresses(listeners)) })
	}
	return group.Wait()
}

// handlers answer on each listener, with the guards that its address needs.
func (p program) handlers(s service, h *house, registry *prometheus.Registry, listeners []net.Listener) ([]http.Handler, error) {
	site := web.Config{
		Metrics: metricsHandler(registry, p.log), MetricsPath: *s.flags.telemetryPath,
		Collector: h.collector, Linker: h.linker, FormOrigins: s.plan.origins(),
	}
	var handlers []http.Handler
	for _, l := range listeners {
		site.Guard = s.flags.guard(l.Addr(), s.plan.redirectHosts())
		s.flags.warn(site.Guard, l.Addr(), p.log)
		handler, err := web.New(site)
		if err != nil {
			return nil, err
		}
		handlers = append(handlers, handler)
	}
	return handlers, nil
}

// newRegistry holds the collector and what is known of the process itself.
func newRegistry(c *collector.Collector) (*prometheus.Registry, error) {
	loaded := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "dexcom_exporter_config_last_reload_successful",
		Help: "1 if the configuration was loaded when it was last tried.",
	})
	loadedAt := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "dexcom_exporter_config_last_reload_success_timestamp_seconds",
		Help: "Time at which the configuration was last loaded.",
	})
	loaded.Set(1)
	loadedAt.SetToCurrentTime()
	registry := prometheus.NewRegistry()
	for _, part := range []prometheus.Collector{
		c, loaded, loadedAt,
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

func metricsHandler(registry *prometheus.Registry, log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:          scrapeErrors{log},
		ErrorHandling:     promhttp.ContinueOnError, // one bad metric must not hide the others
		EnableOpenMetrics: true,
		Registry:          registry,
	})
}

// scrapeErrors logs what goes wrong in a scrape.
type scrapeErrors struct{ log *slog.Logger }

// Println implements promhttp.Logger.
func (s scrapeErrors) Println(v ...any) {
	s.log.Error("scrape", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
