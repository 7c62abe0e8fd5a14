package collector

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// BenchmarkMemory measures what an account with both sources and 14 days takes in a
// program that polls: the heap after all garbage is gone, and the stacks. Then it drops
// one part after the other to tell what took it.
func BenchmarkMemory(b *testing.B) {
	const accounts = 60
	for b.Loop() {
		world, config := crowdThatPolls(b, accounts)
		before := memory()
		ctx, stop := context.WithCancel(b.Context())
		c := config.collector()
		done := make(chan struct{})
		go func() { c.Run(ctx); close(done) }()
		awaitAll(b, c)
		c.Snapshots() // the statistics are kept
		left := memory()
		b.ReportMetric((left-before)/accounts, "B/account")
		dropped := func(part string) {
			now := memory()
			b.ReportMetric((left-now)/accounts, part+"-B/account")
			left = now
		}
		stop()
		<-done
		dropped("goroutines")
		for _, part := range parts() {
			for _, a := range c.all() {
				part.drop(a)
			}
			dropped(part.name)
		}
		b.ReportMetric((left-before)/accounts, "rest-B/account")
		runtime.KeepAlive(world)
		runtime.KeepAlive(c)
	}
	b.ReportMetric(0, "ns/op")
}

// part is something that an account holds.
type part struct {
	name string
	drop func(*account)
}

func parts() []part {
	return []part{
		{"history", func(a *account) { a.history.records = nil }},
		{"outbox", func(a *account) { a.outbox.posts, a.outbox.posted = nil, nil }},
		{"devices", func(a *account) { a.devices = nil }},
		{"events", func(a *account) { a.events, a.alarms, a.calibrations = nil, nil, nil }},
		{"statistics", func(a *account) { a.figured = figured{} }},
		{"given", func(a *account) { a.both, a.arrivals.pending = both{}, nil }},
		{"sources", func(a *account) { a.pollers, a.settings = nil, Account{} }},
	}
}

// memory is the heap that is in use, and the stacks.
func memory() float64 {
	held := heap()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(held + stats.StackInuse)
}

// crowdThatPolls is so many people with both sources, each with readings of their own.
func crowdThatPolls(b *testing.B, accounts int) (world, setup) {
	b.Helper()
	var people []*simulator.Person
	var names []string
	for i := range accounts {
		p := *crowdPeople()[i%len(crowdPeople())]
		p.Name, p.Seed = fmt.Sprintf("p%04d", i), uint64(1000+i)
		people, names = append(people, &p), append(names, p.Name)
	}
	cloud := simulator.New(people...)
	w := socketless(cloud, cloud)
	w.callsPerHour = nil // Dexcom's limit is not what is measured
	config := w.follow(names...)
	config.Reach = 12 * time.Hour
	for i, name := range names {
		cloud.Share(simulator.ShareAccount{Person: name, Username: name, Password: name})
		config.Accounts[i].Share = w.shareClient(b, config.calls, name, name, nil)
		config.Accounts[i].StaleAfter, config.Accounts[i].ReplayLag = 15*time.Minute, 15*time.Minute
	}
	return w, config
}

// awaitAll waits until every account has all that Dexcom tells.
func awaitAll(b *testing.B, c *Collector) {
	b.Helper()
	const longest = 5 * time.Minute
	for began := time.Now(); !allKnown(c); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > longest {
			b.Fatal("the first polls do not end")
		}
	}
}

func allKnown(c *Collector) bool {
	fewest := 14 * 24 * int(time.Hour/cadence) * 9 / 10
	for _, a := range c.all() {
		a.mu.Lock()
		known := len(a.history.records) >= fewest && a.both.answered && !a.done[historyChore].IsZero() && !a.answered["alerts"].IsZero()
		a.mu.Unlock()
		if !known {
			return false
		}
	}
	return true
}
