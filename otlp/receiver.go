package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// longestPause is how long a receiver may ask to be left alone.
const longestPause = time.Hour

// receiver is who takes what is pushed. It is safe for concurrent use, and takes
// one request at a time.
type receiver struct {
	exporter *otlpmetrichttp.Exporter
	client   *http.Client
	timeout  time.Duration
	scrub    func(string) string

	turn chan struct{} // holds a value during a request

	mu        sync.Mutex // guards notBefore
	notBefore time.Time
}

func newReceiver(config Config) (*receiver, error) {
	s, err := settingsOf(config)
	if err != nil {
		return nil, err
	}
	transport := config.Transport
	if transport == nil {
		transport = s.transport()
	}
	client := &http.Client{
		Transport: witness{transport},
		// A redirect is never followed: the headers are for the receiver alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	compression := otlpmetrichttp.NoCompression
	if s.gzip {
		compression = otlpmetrichttp.GzipCompression
	}
	exporter, err := otlpmetrichttp.New(context.Background(),
		otlpmetrichttp.WithEndpointURL(s.endpoint.String()), otlpmetrichttp.WithHeaders(s.headers),
		otlpmetrichttp.WithCompression(compression), otlpmetrichttp.WithHTTPClient(client),
		// The Pusher asks again itself: it knows what else waits.
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, fmt.Errorf("make exporter: %w", err)
	}
	return &receiver{exporter: exporter, client: client, timeout: s.timeout, scrub: s.headers.scrub, turn: make(chan struct{}, 1)}, nil
}

// send makes one request. It makes none while the receiver wants to be left alone.
func (r *receiver) send(ctx context.Context, metrics *metricdata.ResourceMetrics) answer {
	// The exporter takes turns too, but the time in its queue would be the request's.
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return answer{err: ctx.Err()}
	}
	if r.pause() > 0 {
		return answer{err: errPaused}
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var got reply
	err := r.exporter.Export(context.WithValue(limited, replyKey{}, &got), metrics)
	switch {
	case got.status != 0:
		r.rest(got.retryAfter())
		return got.answer(r.scrub)
	case ctx.Err() != nil:
		return answer{err: ctx.Err()}
	case errors.Is(err, context.DeadlineExceeded):
		return answer{err: fmt.Errorf("no answer within %v", r.timeout)}
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the rest is the address
	}
	return answer{err: errors.New(r.scrub(fmt.Sprint(err)))}
}

// rest leaves the receiver alone for a while.
func (r *receiver) rest(pause time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until := time.Now().Add(min(pause, longestPause)); pause > 0 && until.After(r.notBefore) {
		r.notBefore = until
	}
}

// pause is how long the receiver wants to be left alone from now on.
func (r *receiver) pause() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(0, time.Until(r.notBefore))
}

// close ends the connections that are kept.
func (r *receiver) close() { r.client.CloseIdleConnections() }
