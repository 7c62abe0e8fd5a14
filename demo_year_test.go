package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// hosts are servers that need no sockets, by host and port.
type hosts map[string]http.RoundTripper

func (h hosts) RoundTrip(request *http.Request) (*http.Response, error) {
	if host := h[request.URL.Host]; host != nil {
		return host.RoundTrip(request)
	}
	return nil, fmt.Errorf("no host %s", request.URL.Host)
}

// socketlessDemo is the demo without what is around it: the same people, clouds and
// plan, but calls that stay in the process, and nobody who answers.
func socketlessDemo(t *testing.T, people []demoPerson, history time.Duration) (demo, *house) {
	t.Helper()
	d, reach := demo{people: people, clouds: map[dexcom.Region]*demoCloud{}}, hosts{}
	for _, region := range []dexcom.Region{dexcom.US, dexcom.EU} {
		l, err := net.Listen("tcp", "127.0.0.1:0") // for its address alone
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		d.clouds[region] = newDemoCloud(region, d.people, l, l.Addr())
		reach[l.Addr().String()] = d.clouds[region]
	}
	plan := d.plan(t.TempDir())
	plan.transport, plan.history = reach, history
	h, err := plan.open(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	return d, h
}

// observe starts the demo at a moment, and looks at it once everything is there.
func observe(t *testing.T, at time.Time, people []demoPerson, history time.Duration) observation {
	t.Helper()
	time.Sleep(time.Until(at)) // the bubble begins in the year 2000
	d, h := socketlessDemo(t, people, history)
	o := observation{people: people, history: history, began: time.Now()}
	if err := d.link(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { h.collector.Run(ctx); close(ended) }()
	defer func() { stop(); <-ended }()
	time.Sleep(10 * time.Second)
	synctest.Wait()

	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(h.collector); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	o.scrape, o.before, o.after = scrapeOf(families), time.Now(), time.Now()
	return o
}

// What people measure, write down and hear depends on the time: the truth must be
// shown at any, by day and by night, in sensor changes, in winter and in summer. Only
// a receiver needs the whole history, which takes most of the test's time.
func TestDemoShowsTheTruthAtAnyTime(t *testing.T) {
	t.Parallel()
	luck := rand.New(rand.NewPCG(2026, 11))
	times := 12
	if testing.Short() {
		times = 1
	}
	for i := range times {
		at := time.Date(2026, time.January, 1, 0, 0, 0, luck.IntN(1e9), time.UTC).Add(time.Duration(luck.IntN(365*24*3600)) * time.Second)
		people, history := demoPeople(), 14*24*time.Hour
		if i%4 > 0 {
			people = slices.DeleteFunc(people, func(p demoPerson) bool { return p.Rhythm == simulator.EveryTenDays })
			history = 4 * 24 * time.Hour
		}
		t.Run(at.Format(time.DateTime), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := observe(t, at, people, history)
				if !o.complete() {
					t.Errorf("the first round did not end: %v", o.scrape["dexcom_exporter_api_requests_total"])
				}
				o.check(t)
			})
		})
	}
}
