package collector

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// minute is what happens around the program once a minute: the weather changes, people
// link again, and a scraper comes now and then.
func (l *life) minute(t *testing.T) {
	t.Helper()
	l.set(l.orders.weatherAt(time.Now()))
	l.lookForRecovery()
	if time.Now().Minute()%5 > 0 && time.Now().Before(l.orders.Until) {
		return
	}
	l.scrape(t)
	l.countFaults()
	for _, p := range l.orders.People {
		if p.API {
			l.link(t.Context(), p.Person.Name)
		}
	}
}

// set changes the weather.
func (l *life) set(w weather) {
	before := l.weather
	l.weather = w
	if w == before {
		return
	}
	if before.outage {
		l.outageEnd = time.Now()
		for _, p := range l.orders.People {
			if p.API {
				l.awaited[[2]string{p.Person.Name, sourceAPI}] = true
			}
			if p.Share {
				l.awaited[[2]string{p.Person.Name, sourceShare}] = true
			}
		}
	}
	if w.disk != before.disk {
		l.journal.ask(w.disk)
	}
	l.dexcom.set(l.orders, w)
	l.journal.note(journalEntry{Kind: "weather", Detail: fmt.Sprintf("outage %t, clock %v", w.outage, -w.ahead)})
}

// lookForRecovery notes how long after an outage each source worked again.
func (l *life) lookForRecovery() {
	if len(l.awaited) == 0 || l.weather.outage {
		return
	}
	for _, s := range l.collector.Standings() {
		for _, source := range s.Sources {
			key := [2]string{s.Account, source.Name}
			if l.awaited[key] && source.Up() && source.LastPoll.After(l.outageEnd) {
				delete(l.awaited, key)
				l.journal.note(journalEntry{Kind: "recovered", Account: s.Account + " " + source.Name, Value: source.LastPoll.Sub(l.outageEnd).Seconds()})
			}
		}
	}
}

// countFaults tells what went wrong since the last time, by place and kind.
func (l *life) countFaults() {
	now := map[string]int{}
	for place, counts := range map[string]map[string]int{
		"data": l.dexcom.api.FaultCounts(), "token": l.dexcom.api.OAuthCounts().Faults, "share": l.dexcom.share.FaultCounts(),
	} {
		for kind, n := range counts {
			now[place+": "+kind] = n
		}
	}
	news := map[string]int{}
	for kind, n := range now {
		if n > l.faults[kind] {
			news[kind] = n - l.faults[kind]
		}
	}
	l.faults = now
	l.journal.note(journalEntry{Kind: "faults", Counts: news})
}

// link has a person consent whose grant is refused, as they would when they are told.
func (l *life) link(ctx context.Context, name string) {
	status := l.grants[name].Status()
	if status.Persisted && l.weather.disk == "" {
		l.journal.note(journalEntry{Kind: "saved", Account: name})
	}
	if status.Linked {
		l.linked[name] = true
		return
	}
	if l.linked[name] {
		l.journal.note(journalEntry{Kind: "refused", Account: name, Detail: l.onDisk(name)})
	}
	l.linked[name] = false
	address, err := l.linker.Start(name)
	if err != nil {
		return
	}
	redirect, err := l.dexcom.api.Consent(address, name, true)
	if err != nil {
		return
	}
	answer, err := url.Parse(redirect)
	if err != nil {
		return
	}
	outcome, err := l.linker.Finish(ctx, answer.Query())
	switch {
	case errors.Is(err, dexcom.ErrNotSaved): // it is linked all the same, as the next look tells
	case err != nil:
		l.journal.note(journalEntry{Kind: "unlinked", Account: name, Detail: err.Error()})
	case outcome.AnotherPerson:
		l.journal.note(journalEntry{Kind: "unlinked", Account: name, Detail: "taken for another person"})
	default:
		l.linked[name] = true
		l.journal.note(journalEntry{Kind: "linked", Account: name})
	}
}
