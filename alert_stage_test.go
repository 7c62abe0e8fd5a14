package main

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	dto "github.com/prometheus/client_model/go"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// stage is the demo while something happens to its people, and a Prometheus's view
// of it. Everything on it runs inside a bubble.
type stage struct {
	t     *testing.T
	demo  demo
	house *house
	down  func() // stops the exporter; nil while it is down
}

// raise opens a stage with people of the demo at a moment.
func raise(t *testing.T, people []demoPerson, at time.Time) *stage {
	t.Helper()
	time.Sleep(time.Until(at)) // the bubble begins in the year 2000
	s := &stage{t: t}
	s.demo, s.house = socketlessDemo(t, people, 2*24*time.Hour)
	if err := s.demo.link(t.Context(), s.house); err != nil {
		t.Fatal(err)
	}
	s.up()
	return s
}

// up lets the exporter work in the house there is.
func (s *stage) up() {
	ctx, cancel := context.WithCancel(s.t.Context())
	ended, followed := make(chan struct{}), s.house.collector
	go func() { followed.Run(ctx); close(ended) }()
	s.down = func() { cancel(); <-ended }
}

// stop ends the exporter; it answers nobody any more.
func (s *stage) stop() {
	s.down()
	s.down = nil
	s.house.close()
}

// restart starts the exporter again, with the state that it left behind.
func (s *stage) restart() {
	s.t.Helper()
	if s.down != nil {
		s.stop()
	}
	before := s.house.plan
	plan := s.demo.plan(before.stateDir)
	plan.transport, plan.history = before.transport, before.history
	h, err := plan.open(slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(h.close)
	s.house = h
	s.up()
}

// cloud is the one in the United States.
func (s *stage) cloud() *demoCloud { return s.demo.clouds[dexcom.US] }

// scrape is what the exporter answers; nothing while it is down.
func (s *stage) scrape() []*dto.MetricFamily {
	s.t.Helper()
	synctest.Wait()
	if s.down == nil {
		return nil
	}
	registry := prometheus.NewPedanticRegistry()
	for _, part := range []prometheus.Collector{s.house.collector, versioncollector.NewCollector("dexcom_exporter")} {
		if err := registry.Register(part); err != nil {
			s.t.Fatal(err)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	return families
}

// film plays a scene and scrapes once a minute, from its beginning to its end.
func (sc scene) film(t *testing.T) (scrapes [][]*dto.MetricFamily) {
	t.Helper()
	people := slices.DeleteFunc(demoPeople(), func(p demoPerson) bool { return !slices.Contains(sc.people, p.Name) })
	if len(people) != len(sc.people) {
		t.Fatalf("the demo has not all of %v", sc.people)
	}
	const before = time.Hour // in which the exporter learns what it can
	s := raise(t, people, sc.from.Add(-before))
	defer func() {
		if s.down != nil {
			s.stop()
		}
	}()
	cues := sc.cues
	for at := time.Duration(0); at <= sc.length; at += time.Minute {
		for len(cues) > 0 && cues[0].at <= at {
			time.Sleep(time.Until(sc.from.Add(cues[0].at - time.Second)))
			cues[0].happens(s)
			cues = cues[1:]
		}
		time.Sleep(time.Until(sc.from.Add(at)))
		scrapes = append(scrapes, s.scrape())
	}
	return scrapes
}
