package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

func addServe(app *kingpin.Application) (string, action) {
	command := app.Command("serve", "Serve metrics and pages (the default command).").Default()
	configFile := addConfigFlag(command)
	flags := addWebFlags(command)
	return command.FullCommand(), func(ctx context.Context, p program) error {
		loaded, err := config.Load(*configFile)
		if err == nil {
			err = supported(*configFile, loaded)
		}
		if err != nil {
			return usageError{err}
		}
		following, err := following(loaded, p.log)
		if err != nil {
			return usageError{err}
		}
		return p.serve(ctx, service{
			stateDir: loaded.StateDir, following: following, hosts: redirectHosts(loaded), flags: flags,
		})
	}
}

func addConfigFlag(command *kingpin.CmdClause) *string {
	return command.Flag("config.file", "The configuration file.").Default("config.yaml").String()
}

// service is a running program: whom it follows, and where it keeps state and
// answers.
type service struct {
	stateDir  string
	following collector.Config
	hosts     []string // under which it may be asked, besides localhost
	flags     *webFlags
	// ready is called once, with the addresses, when it answers; nil is nothing.
	ready func(addresses []string)
}

// serve runs until ctx is done or a part of it fails, and then stops all of it.
func (p program) serve(ctx context.Context, s service) error {
	if err := s.flags.check(); err != nil {
		return usageError{err}
	}
	state, err := dexcom.OpenState(s.stateDir)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() { _ = state.Close() }() // the lock ends with the process anyway
	c, err := collector.New(s.following)
	if err != nil {
		return usageError{err}
	}
	registry, err := newRegistry(c)
	if err != nil {
		return err
	}
	listeners, err := s.flags.listen()
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	control, err := listenControl(state.Dir())
	if err != nil {
		closeAll(listeners)
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { c.Run(ctx); return nil })
	serveUntilDone(ctx, group, newServer(controlHandler(), p.log), control.serve)
	pages := web.Config{Metrics: metricsHandler(registry, p.log), MetricsPath: *s.flags.telemetryPath, Collector: c}
	for _, l := range listeners {
		pages.Guard = s.flags.guard(l.Addr(), s.hosts)
		s.flags.warn(pages.Guard, l.Addr(), p.log)
		handler, err := web.New(pages)
		if err != nil {
			return fmt.Errorf("start: %w", err)
		}
		serveUntilDone(ctx, group, newServer(handler, p.log), func(server *http.Server) error { return s.flags.serve(l, server, p.log) })
	}
	if s.ready != nil {
		s.ready(addresses(listeners))
	}
	return group.Wait()
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

// redirectHosts are the hosts of the configured redirect addresses, where people
// come back to from Dexcom's login.
func redirectHosts(loaded *config.Config) []string {
	var hosts []string
	for _, app := range loaded.Apps {
		if host := hostOf(app.RedirectURL); host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, strings.ToLower(host))
		}
	}
	return hosts
}
