package main

import (
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

// front is what the program shows to the outside: a door for each listener.
type front struct {
	doors     []*door
	listening []net.Addr // where the doors are
	reloader  *reloader
	push      *push
	readings  *collector.Readings
	log       *slog.Logger
}

// door is a listener with what answers there, which changes with the plan.
type door struct {
	listener net.Listener
	answer   atomic.Pointer[http.Handler]
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*d.answer.Load()).ServeHTTP(w, r) }

// newFront opens the doors, which take the listeners in turn.
func newFront(s service, h *house, listeners []net.Listener, log *slog.Logger) (*front, error) {
	f := &front{listening: addresses(listeners), readings: h.collector.NewReadings(), push: newPush(h.collector, log), log: log}
	for _, l := range listeners {
		f.doors = append(f.doors, &door{listener: l})
		s.flags.warn(s.flags.guard(l.Addr(), nil), l.Addr(), log)
	}
	f.reloader = newReloader(s, h, log)
	registry, err := newRegistry(h.collector, f.push.counters, f.reloader)
	if err != nil {
		return nil, err
	}
	f.push.live = registry
	site := web.Config{
		Metrics: metricsHandler(h.collector, registry, log), MetricsPath: *s.flags.telemetryPath,
		Collector: h.collector, Linker: h.linker,
	}
	if *s.flags.enableLifecycle {
		site.Reload = f.reloader.reload
	}
	f.reloader.show = func(p *plan) (func(), error) { return f.prepare(site, s.flags, p) }
	open, err := f.reloader.show(s.plan)
	if err != nil {
		return nil, err
	}
	open()
	return f, nil
}

// prepare builds what answers behind each door for a plan, with the guards that the
// door's address needs, and what pushes. It is put to work by the function.
func (f *front) prepare(site web.Config, flags *webFlags, p *plan) (open func(), err error) {
	startPush, err := f.push.prepare(p)
	if err != nil {
		return nil, err
	}
	answers := make([]http.Handler, len(f.doors))
	site.FormOrigins, site.OnScrape = p.origins(), p.onScrape
	site.Readings = readingsHandler(f.readings, p.readingsWindow, f.log)
	for i, d := range f.doors {
		site.Guard = flags.guard(d.listener.Addr(), p.redirectHosts())
		if answers[i], err = web.New(site); err != nil {
			return nil, err
		}
	}
	return func() {
		for i, d := range f.doors {
			d.answer.Store(&answers[i])
		}
		p.warnOfRedirects(f.listening, f.log)
		startPush()
	}, nil
}
