package otlp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const secret = "Bearer s3cr3t-t0ken"

// overHTTP makes a pusher to a server with sockets.
func overHTTP(t *testing.T, server *httptest.Server, log *logbook, who *person) (*Pusher, *Counters) {
	t.Helper()
	counters := NewCounters()
	p, err := New(Config{Endpoint: server.URL + "/api/v1/otlp", Headers: Headers{"Authorization": secret, "X-Scope-OrgID": "tenant-1"}, Live: nothing(), Late: accountsOf(who), Counters: counters, Log: log.Logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.receiver.close)
	return p, counters
}

func TestRequestOverHTTP(t *testing.T) {
	t.Parallel()
	prometheus, log, who := newPrometheus(24*time.Hour), newLogbook(slog.LevelDebug), &person{name: "alice"}
	server := httptest.NewServer(prometheus)
	defer server.Close()
	who.batch(12, time.Hour)
	p, counters := overHTTP(t, server, log, who)
	if err := p.late.push(t.Context()); err != nil {
		t.Fatal(err)
	}
	prometheus.stores(t, who, who.points)
	r := prometheus.requests[0]
	for name, want := range map[string]string{"Authorization": secret, "X-Scope-Orgid": "tenant-1", "Content-Encoding": "gzip", "Content-Type": "application/x-protobuf"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/api/v1/otlp/v1/metrics" {
		t.Errorf("got %s %s", r.Method, r.URL.Path)
	}
	counted(t, counters, 12, 0, 0, 0)
}

// A receiver killed in the middle of a story, with connections open, and started
// again elsewhere behind the same address.
func TestReceiverIsKilled(t *testing.T) {
	t.Parallel()
	prometheus, log, who := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo), &person{name: "alice"}
	var cut atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut.Load() { // hang up in the middle of an answer
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		prometheus.ServeHTTP(w, r)
	}))
	defer server.Close()
	p, counters := overHTTP(t, server, log, who)
	for range 5 {
		who.batch(12, time.Hour)
		cut.Store(true)
		if err := p.late.push(t.Context()); err == nil {
			t.Error("half an answer is taken for one")
		}
		server.CloseClientConnections()
		cut.Store(false)
		if err := p.late.push(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Millisecond) // another time for the next readings
	}
	prometheus.stores(t, who, who.points)
	counted(t, counters, 60, 0, 0, 5)
}

// Redirects are not followed, and nobody else gets the headers.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var visits atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/"+secret, status))
		log, who := newLogbook(slog.LevelDebug), &person{name: "alice"}
		who.batch(1, time.Hour)
		p, counters := overHTTP(t, server, log, who)
		if err := p.late.push(t.Context()); err == nil || who.done() != 0 || visits.Load() != 0 {
			t.Errorf("%d: err %v, settled %d, %d visits elsewhere", status, err, who.done(), visits.Load())
		}
		counted(t, counters, 0, 0, 0, 1)
		log.count(t, "change the endpoint", 1)
		if strings.Contains(log.String(), "s3cr3t") {
			t.Error(log)
		}
		server.Close()
		elsewhere.Close()
	}
}

// A receiver that quotes what it was sent does not get it into the log.
func TestHostileReceiver(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, r.Header)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.Copy(w, strings.NewReader(strings.Repeat("no\n", 1<<20)))
		},
		"garbage": func(w http.ResponseWriter, _ *http.Request) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprint(buffer, "\x00\x00 no HTTP "+secret+"\r\n\r\n")
			defer connection.Close()
			_ = buffer.Flush()
		},
		"protobuf": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			_, _ = w.Write([]byte("\xff\xff\xff\xff"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			defer server.Close()
			log, who := newLogbook(slog.LevelDebug), &person{name: "alice"}
			who.batch(1, time.Hour)
			p, counters := overHTTP(t, server, log, who)
			if err := p.late.push(t.Context()); err == nil || who.done() != 0 {
				t.Errorf("settled %d, err %v", who.done(), err)
			}
			counted(t, counters, 0, 0, 0, 1)
			if text := log.String(); strings.Contains(text, "s3cr3t") || len(text) > 1000 || strings.Count(text, "\n") != 1 {
				t.Errorf("logged %.2000s", text)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	log, who := newLogbook(slog.LevelDebug), &person{name: "alice"}
	who.batch(1, time.Hour)
	p, counters := overHTTP(t, server, log, who)
	for range 3 {
		if err := p.late.push(t.Context()); err == nil {
			t.Error("no error")
		}
	}
	counted(t, counters, 0, 0, 0, 3)
	log.count(t, "level=WARN", 1)
	log.count(t, "connection refused", 3)
}

// A receiver that never answers costs ten seconds.
func TestReceiverDoesNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		log, who := newLogbook(slog.LevelInfo), &person{name: "alice"}
		who.batch(1, time.Hour)
		p, counters := newPusher(t, hangs, log, nothing(), accountsOf(who))
		start := time.Now()
		if err := p.late.push(t.Context()); err == nil || time.Since(start) != 10*time.Second {
			t.Errorf("err %v after %v", err, time.Since(start))
		}
		counted(t, counters, 0, 0, 0, 1)
		log.count(t, "no answer within 10s", 1)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.late.push(ctx); err == nil {
			t.Error("no error")
		}
		counted(t, counters, 0, 0, 0, 1) // being told to stop is no failure
	})
}

// Requests take turns, and the time spent waiting for one is not the request's.
func TestRequestsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inside := 0
		slow := roundTrip(func(*http.Request) (*http.Response, error) {
			inside++
			if inside > 1 {
				t.Error("two at a time")
			}
			time.Sleep(9 * time.Second)
			inside--
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		})
		p, _ := newPusher(t, slow, newLogbook(slog.LevelInfo), nothing(), accountsOf())
		point := []Point{{Metric: "dexcom_egv_mg_dl", Time: time.Now(), Value: 1}}
		answers := make(chan answer, 3)
		for range cap(answers) {
			go func() { answers <- p.receiver.send(t.Context(), lateMetrics(p.late.service, point)) }()
		}
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if a := p.receiver.send(ctx, lateMetrics(p.late.service, point)); a.verdict != failed || time.Since(start) != time.Second {
			t.Errorf("waited %v for a turn: %+v", time.Since(start), a)
		}
		for range cap(answers) {
			if a := <-answers; a.verdict != accepted {
				t.Errorf("got %+v", a)
			}
		}
	})
}

// Retry-After holds for the live table too, up to an hour.
func TestReceiverAsksToWait(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{"600": 10 * time.Minute, "7200": time.Hour, "1": time.Minute, "": time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
			var times []time.Duration
			start := time.Now()
			server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
				times = append(times, time.Since(start))
				if len(times) > 1 {
					return false
				}
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}
			who := &person{name: "alice"}
			who.batch(3, time.Hour)
			p, counters := newPusher(t, server, log, countingTable(t), accountsOf(who))
			during(t, p, func() { time.Sleep(want + time.Second) })
			if after != "" && (times[0] != 0 || times[1] < min(want, longestPause)-time.Minute || want > time.Minute && times[1] != want) {
				t.Errorf("%q: asked at %v", after, times)
			}
			server.stores(t, who, who.points)
			if after != "" && after != "1" {
				counted(t, counters, 3+2+2, 0, 0, 1)
			}
		})
	}
}
