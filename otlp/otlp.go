// Package otlp pushes metrics to an OpenTelemetry receiver over HTTP: the live
// table again and again, and each late reading once, at its own time.
//
// A [Pusher] is given both by functions and asks them each [Config.Interval]. A
// reading counts as delivered only when the receiver took it or refused it for
// good ([Account.Settled]); until then it is sent again, which is harmless, since
// equal samples are stored once. Names and labels stay as they are: metrics are
// sent without a unit, so that a Prometheus server changes none of them.
//
// The package uses no global state of OpenTelemetry: neither its error handler nor
// its logger, providers or propagators.
package otlp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says what to push, and where to. Live, Late and Log are required.
type Config struct {
	// Endpoint is the base address of the receiver, to which /v1/metrics is added.
	// When it is empty, the OTEL_EXPORTER_OTLP_ENDPOINT variables say where, and
	// without them it is http://localhost:4318.
	Endpoint string
	// Headers go with each push; without any it takes those of the
	// OTEL_EXPORTER_OTLP_HEADERS variables.
	Headers Headers
	// Interval is the time between two pushes; zero is a minute.
	Interval time.Duration
	// MaxAge is the age above which a late reading is not pushed; zero is 12 hours.
	MaxAge time.Duration
	// Version is the service.version of the live table; empty leaves it out.
	Version string
	// Live is the live table.
	Live prometheus.Gatherer
	// Late gives the readings that are not settled yet. It is called by one goroutine
	// at a time, at each push. The Pusher only reads what it is given.
	Late func() []Account
	// Counters count what is pushed; nil counts for nobody.
	Counters *Counters
	// Transport reaches the receiver; nil makes one, with the proxy and the
	// certificates that the environment names.
	Transport http.RoundTripper
	Log       *slog.Logger
}

// Account is one person's readings.
type Account struct {
	// Name tells accounts apart; it is logged, and sent only where a label says it.
	Name string
	// Points are in the order in which they are to be settled, whatever their times.
	Points []Point
	// Settled is told that the first n points need not come again: the receiver took
	// them, refused them for good, or they are too old. It is called by the goroutine
	// that calls Config.Late, several times with growing n when there are many points.
	Settled func(n int)
}

// Point is one sample of a gauge at its own time.
type Point struct {
	Metric string
	Labels []Label // with the account
	Time   time.Time
	Value  float64
}

// Label is a name and a value.
type Label struct{ Name, Value string }

const (
	// retryInterval is the longest wait after a push that failed, unless the receiver
	// asks for more.
	retryInterval = time.Minute
	// flushTimeout bounds the last push.
	flushTimeout = 5 * time.Second
)

// Pusher pushes until it is told to stop.
type Pusher struct {
	receiver *receiver
	live     *live
	late     *late
	interval time.Duration
	log      *slog.Logger
}

// New reads the environment and contacts nobody. Its errors name the variable or
// setting to change, and hold no secret.
func New(config Config) (*Pusher, error) {
	receiver, err := newReceiver(config)
	if err != nil {
		return nil, fmt.Errorf("otlp: %w", err)
	}
	service, err := serviceOf(config.Version)
	if err != nil {
		return nil, fmt.Errorf("otlp: %w", err)
	}
	if config.Counters == nil {
		config.Counters = NewCounters()
	}
	link := link{receiver: receiver, counters: config.Counters, log: config.Log}
	return &Pusher{
		receiver: receiver,
		live:     &live{link: link, service: service.live, gatherer: config.Live},
		late:     newLate(link, service.late, config),
		interval: or(config.Interval, time.Minute),
		log:      config.Log,
	}, nil
}

// Run pushes until ctx is done, then once more for 5 seconds at most. It runs once.
func (p *Pusher) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { p.every(ctx, p.live.push) })
	loops.Go(func() { p.every(ctx, p.late.push) })
	loops.Wait()
	p.flush(ctx)
	p.receiver.close()
}

// every pushes at once and then in intervals, sooner after a failure.
func (p *Pusher) every(ctx context.Context, push func(context.Context) error) {
	for ctx.Err() == nil {
		wait := p.interval
		if push(ctx) != nil {
			wait = min(wait, retryInterval)
		}
		select {
		case <-ctx.Done():
		case <-time.After(max(wait, p.receiver.pause())):
		}
	}
}

// flush pushes what came since the last push.
func (p *Pusher) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	for _, push := range []func(context.Context) error{p.live.push, p.late.push} {
		if err := push(ctx); err != nil {
			p.log.Warn("the last OTLP push failed: what is not settled comes after the next start", "err", err)
			return
		}
	}
}

// or is the duration, or another one in place of zero.
func or(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}
