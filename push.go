package main

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/config"
	"github.com/dexcom-exporter/dexcom_exporter/otlp"
)

// push keeps one pusher of OTLP at work, or none, as the plan wants it.
type push struct {
	collector *collector.Collector
	live      prometheus.Gatherer
	counters  *otlp.Counters
	log       *slog.Logger
	wanted    chan *otlp.Pusher // the latest one; nil for none

	mu      sync.Mutex   // guards what follows
	current *config.OTLP // what the latest one was made from
}

func newPush(c *collector.Collector, log *slog.Logger) *push {
	return &push{collector: c, counters: otlp.NewCounters(), log: log, wanted: make(chan *otlp.Pusher, 1)}
}

// prepare makes the pusher that a plan wants; the function puts it to work. Where
// nothing about it has changed the one before goes on.
func (p *push) prepare(plan *plan) (start func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if reflect.DeepEqual(p.current, plan.otlp) {
		return func() {}, nil
	}
	var pusher *otlp.Pusher
	if plan.otlp != nil {
		if pusher, err = p.pusher(plan.otlp); err != nil {
			return nil, err
		}
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.current = plan.otlp
		select {
		case <-p.wanted: // it was not even begun
		default:
		}
		p.wanted <- pusher
	}, nil
}

func (p *push) pusher(settings *config.OTLP) (*otlp.Pusher, error) {
	const mostSamples = 10_000 // of an account in one go: more than an outbox holds
	headers := otlp.Headers{}
	for name, value := range settings.Headers {
		headers[name] = value.Reveal()
	}
	courier := p.collector.NewCourier()
	return otlp.New(otlp.Config{
		Endpoint: settings.Endpoint, Headers: headers, Interval: settings.Interval, MaxAge: settings.MaxAge,
		Version: version.Version, Live: p.live, Counters: p.counters, Log: p.log,
		Late: func() []otlp.Account { return accountsOf(courier.Parcels(mostSamples)) },
	})
}

// run lets the latest pusher work until ctx is done.
func (p *push) run(ctx context.Context) {
	stop := func() {}
	for {
		select {
		case <-ctx.Done():
			stop()
			return
		case pusher := <-p.wanted:
			stop()
			stop = working(ctx, pusher)
		}
	}
}

// working lets a pusher work until it is stopped, which takes as long as its last
// push.
func working(ctx context.Context, pusher *otlp.Pusher) (stop func()) {
	if pusher == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); pusher.Run(ctx) }()
	return func() { cancel(); <-done }
}

// accountsOf puts what accounts have for the receiver into its words.
func accountsOf(parcels []collector.Parcel) []otlp.Account {
	accounts := make([]otlp.Account, 0, len(parcels))
	for _, parcel := range parcels {
		points := make([]otlp.Point, 0, len(parcel.Samples))
		for _, s := range parcel.Samples {
			points = append(points, otlp.Point{Metric: string(s.Metric), Labels: labelsOf(parcel.Account, s), Time: s.Time, Value: s.Value})
		}
		accounts = append(accounts, otlp.Account{Name: parcel.Account, Points: points, Settled: parcel.Settled})
	}
	return accounts
}

// labelsOf are those that a sample has on every outlet.
func labelsOf(account string, s collector.Sample) []otlp.Label {
	labels := []otlp.Label{{Name: "account", Value: account}}
	if s.Metric == collector.Event {
		labels = append(labels, otlp.Label{Name: "subtype", Value: s.Subtype}, otlp.Label{Name: "type", Value: s.Type}, otlp.Label{Name: "unit", Value: s.Unit})
	}
	return labels
}

// farthest is how far back samples with a time of their own are kept for outlets.
func (p *plan) farthest() time.Duration {
	if p.otlp == nil {
		return p.readingsWindow
	}
	return max(p.readingsWindow, p.otlp.MaxAge)
}
