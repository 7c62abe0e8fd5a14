package otlp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// It pushes at once, in each interval, and what is left at the end.
func TestRunPushesInIntervalsAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		who := &person{name: "alice"}
		p, counters := newPusher(t, server, log, countingTable(t), accountsOf(who))
		during(t, p, func() {
			time.Sleep(5*time.Minute + 30*time.Second)
			who.batch(12, time.Hour)
			synctest.Wait()
			if who.done() != 0 {
				t.Error("pushed between two pushes")
			}
		})
		server.stores(t, who, who.points)
		if got := len(server.values(`dexcom_up{account="alice"}`)); got != 7 {
			t.Errorf("the live table came %d times", got)
		}
		counted(t, counters, 7*2+12, 0, 0, 0)
		if log.String() != "" {
			t.Error(log)
		}
	})
}

// A receiver that hangs does not keep the program from stopping.
func TestRunStopsThoughTheReceiverHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		log, who := newLogbook(slog.LevelInfo), &person{name: "alice"}
		who.batch(12, time.Hour)
		p, _ := newPusher(t, hangs, log, countingTable(t), accountsOf(who))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		p.Run(ctx)
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("stopped %v after it was told to", took-5*time.Second)
		}
		if who.done() != 0 {
			t.Error("settled what nobody took")
		}
		log.count(t, "the last OTLP push failed", 1)
	})
}

// The next push follows a failure within a minute, however long the interval is.
func TestRunTriesAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, who := newPrometheus(24*time.Hour), &person{name: "alice"}
		who.batch(12, time.Hour)
		server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
			if len(server.requests) <= 3 {
				w.WriteHeader(http.StatusBadGateway)
			}
			return len(server.requests) <= 3
		}
		p, err := New(Config{Interval: time.Hour, Transport: server, Live: nothing(), Late: accountsOf(who), Log: newLogbook(0).Logger})
		if err != nil {
			t.Fatal(err)
		}
		during(t, p, func() {
			time.Sleep(3*time.Minute + time.Second)
			server.stores(t, who, who.points)
			time.Sleep(50 * time.Minute)
			server.set(func() {
				if len(server.requests) != 4 {
					t.Errorf("%d requests", len(server.requests))
				}
			})
		})
	})
}

// The counters pass the linter of Prometheus, exist from the start, and may serve one
// pusher after another.
func TestCounters(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(NewCounters()); err != nil {
		t.Fatal(err)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	if n, err := testutil.GatherAndCount(registry); err != nil || n != 4 {
		t.Errorf("%d series, %v", n, err)
	}
	if text, err := json.Marshal(Headers{"a": "hunter2"}); err != nil || string(text) != `"\u003csecret\u003e"` {
		t.Errorf("got %s, %v", text, err)
	}
}
