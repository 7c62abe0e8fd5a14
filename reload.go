package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
)

// reloader loads the configuration again: all of it or nothing.
type reloader struct {
	file  string // empty: there is none
	house *house
	log   *slog.Logger
	// show prepares the pages for a plan; they are shown by the function.
	show func(*plan) (open func(), err error)

	successful, succeeded prometheus.Gauge

	mu sync.Mutex // one at a time
}

func newReloader(s service, h *house, log *slog.Logger) *reloader {
	r := &reloader{
		file: s.file, house: h, log: log,
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dexcom_exporter_config_last_reload_successful",
			Help: "1 if the configuration was loaded when it was last tried.",
		}),
		succeeded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dexcom_exporter_config_last_reload_success_timestamp_seconds",
			Help: "Time at which the configuration was last loaded.",
		}),
	}
	r.successful.Set(1)
	r.succeeded.SetToCurrentTime()
	return r
}

var (
	errNoFile     = errors.New("there is no configuration file to load again")
	errOtherState = errors.New("state_dir cannot change while the program runs: restart it")
)

// reload puts the configuration file to work as it is now. Where it cannot be, the
// one before stays, and the error says what to change.
func (r *reloader) reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.try(); err != nil {
		r.successful.Set(0)
		r.log.Error("the configuration is not loaded again, the one before stays", "err", err)
		return err
	}
	r.successful.Set(1)
	r.succeeded.SetToCurrentTime()
	r.log.Info("the configuration is loaded again", "file", r.file)
	return nil
}

func (r *reloader) try() error {
	if r.file == "" {
		return errNoFile
	}
	p, err := planOf(r.file)
	if err != nil {
		return err
	}
	if p.stateDir != r.house.state.Dir() {
		return fmt.Errorf("%s: %w", r.file, errOtherState)
	}
	open, err := r.show(p)
	if err != nil {
		return fmt.Errorf("%s: %w", r.file, err)
	}
	if err := r.house.follow(p); err != nil {
		return err
	}
	open()
	return nil
}

// onHangup reloads whenever the process gets a SIGHUP, until ctx is done.
func (r *reloader) onHangup(ctx context.Context) {
	if r.file == "" {
		return
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			_ = r.reload() // it is in the log
		}
	}
}
