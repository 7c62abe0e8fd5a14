package otlp

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// link is one of the two streams to the receiver: it counts failures, and logs them
// when they begin and end.
type link struct {
	receiver *receiver
	counters *Counters
	log      *slog.Logger
	failing  bool
}

// failure is the error of a request, for those who push.
type failure struct {
	error

	alone bool // it says nothing of other requests
}

// Unwrap gives the cause.
func (f failure) Unwrap() error { return f.error }

// send makes one request and counts it when it fails.
func (l *link) send(ctx context.Context, metrics *metricdata.ResourceMetrics) answer {
	a := l.receiver.send(ctx, metrics)
	if a.verdict == failed {
		if ctx.Err() == nil && !errors.Is(a.err, errPaused) {
			l.counters.failures.Inc()
		}
		a.err = failure{a.err, a.alone}
	}
	return a
}

// report logs how a push of what ended, when that is news.
func (l *link) report(ctx context.Context, what string, err error) {
	switch {
	case ctx.Err() != nil, errors.Is(err, errPaused):
	case err == nil && l.failing:
		l.log.Info("OTLP pushes work again", "what", what)
		l.failing = false
	case err != nil && !l.failing:
		l.log.Warn("an OTLP push failed, it is tried again", "what", what, "err", err)
		l.failing = true
	case err != nil:
		l.log.Debug("an OTLP push failed again", "what", what, "err", err)
	}
}
