package main

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// observation is what the program showed of the demo's people, and when.
type observation struct {
	history time.Duration // that is kept
	people  []demoPerson
	scrape  scrape
	began   time.Time // the program
	// before and after are around the scrape.
	before, after time.Time
}

// truth is what the simulator's own functions say about one person: by what Dexcom
// answered at one moment, shown at another.
type truth struct {
	*demoPerson

	during       observation
	asked, shown time.Time
	readings     []simulator.Reading // of all sources when asked, each once; since the day before, if any is
	newest       simulator.Reading   // the last of them; zero without any
	released     simulator.Reading   // the newest of the API
	published    simulator.Reading   // the newest of Share
	statistics   func() simulator.Statistics
	history      func() []simulator.Reading
}

func truthOf(p *demoPerson, during observation, asked, shown time.Time) truth {
	const day = 24 * time.Hour
	released, published := releasedTo(p, day, asked), publishedBy(p, asked)
	if len(released) == 0 {
		released = releasedTo(p, 14*day, asked)
	}
	readings := merged(published, released)
	return truth{
		demoPerson: p, during: during, asked: asked, shown: shown,
		readings: readings, newest: last(readings), released: last(released), published: last(published),
		statistics: sync.OnceValue(func() simulator.Statistics { return statisticsOf(p, asked) }),
		history:    sync.OnceValue(func() []simulator.Reading { return historyOf(p, during.history, asked) }),
	}
}

// heard is whether the API has anything of a stretch of time: else nobody knows what
// happened in it.
func (p truth) heard(length time.Duration) bool {
	return p.released.SystemTime.After(p.shown.Add(-length))
}

// releasedTo are the readings of a time that are released now, as the version of
// the API tells them: in the second they are smoothed, or not yet.
func releasedTo(p *demoPerson, since time.Duration, now time.Time) []simulator.Reading {
	switch p.version {
	case "":
		return nil
	case dexcom.V3:
		return p.AvailableReadings(now.Add(-since), now, now)
	}
	var readings []simulator.Reading
	for _, r := range p.V2Readings(now.Add(-since), now, now) {
		readings = append(readings, r.Reading)
	}
	return readings
}

// truths are all that may be shown of a person: Dexcom may have been asked at any
// moment since the program began, and each answer replaces the one before.
func (o observation) truths(p *demoPerson) iter.Seq[truth] {
	const step = 250 * time.Millisecond // hardly anybody changes twice in it
	return func(yield func(truth) bool) {
		for _, shown := range slices.Compact([]time.Time{o.after, o.before}) {
			for asked := o.began; asked.Before(o.after); asked = asked.Add(step) {
				if !yield(truthOf(p, o, asked, shown)) {
					return
				}
			}
			if !yield(truthOf(p, o, o.after, shown)) {
				return
			}
		}
	}
}

// want is the series of one metric: labels after the account, and the value.
type want map[string]float64

// check says what one metric must show about a person.
type check func(truth) want

// checks has one for every metric about people.
func checks() map[string]check {
	all := map[string]check{}
	for _, known := range []map[string]check{
		deviceChecks(), alertChecks(), calibrationChecks(), eventChecks(), rangeChecks(), statisticsChecks(),
	} {
		for metric, check := range known {
			all[metric] = unlessRevoked(ofAPI(check))
		}
	}
	for metric, check := range glucoseChecks() {
		all[metric] = unlessRevoked(check)
	}
	for metric, check := range grantChecks() {
		all[metric] = ofAPI(check)
	}
	maps.Copy(all, replayChecks())
	maps.Copy(all, figureChecks())
	all["dexcom_glucose_replay_mg_dl"] = unlessRevoked(all["dexcom_glucose_replay_mg_dl"])
	maps.Copy(all, sourceChecks())
	maps.Copy(all, arrivalChecks())
	return all
}

// unlessRevoked is for what Dexcom tells: of who ended the consent, nothing.
func unlessRevoked(read check) check {
	return func(p truth) want {
		if p.revoked {
			return nil
		}
		return read(p)
	}
}

// ofAPI is for what only the API tells.
func ofAPI(read check) check {
	return func(p truth) want {
		if p.version == "" {
			return nil
		}
		return read(p)
	}
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// middle is a moment while the program ran: see tolerance.
func (p truth) middle() float64 { return (unix(p.during.began) + unix(p.during.after)) / 2 }

// tolerance is how far a value may be off: by when the program did what, by what is
// spread by luck, and the start of a transmitter, which stays put while its clock
// drifts. Nobody's polls of Share are spread: they keep step with the sensor.
func tolerance(metric, labels string, p truth) float64 {
	ran := p.during.after.Sub(p.during.began).Seconds()/2 + 0.001
	switch metric {
	case "dexcom_exporter_consent_timestamp_seconds": // of whole seconds
		return ran + 1
	case "dexcom_exporter_last_poll_timestamp_seconds", "dexcom_exporter_access_token_expiry_timestamp_seconds":
		return ran
	case "dexcom_exporter_next_poll_timestamp_seconds":
		switch {
		case labels == " source=share":
			return ran
		case p.revoked:
			return ran + 15
		}
		return ran + 2220
	case "dexcom_transmitter_start_timestamp_seconds", "dexcom_sensor_expiry_timestamp_seconds":
		if p.Quirks {
			return 91 // half a minute of drift, and times without seconds
		}
		return 1 // ticks are whole seconds
	}
	return 1e-6
}

// mismatches compares the series of one metric with the truth about one person.
func mismatches(metric string, series map[string]float64, wanted want, p truth) []string {
	var found []string
	ours := want{}
	for labels, value := range series {
		if account, _, _ := strings.Cut(labels, " "); account == p.Name {
			ours[strings.TrimPrefix(labels, p.Name)] = value
		}
	}
	for labels, value := range ours {
		expected, known := wanted[labels]
		switch {
		case !known:
			found = append(found, fmt.Sprintf("%s{%s%s} is %v, want no such series", metric, p.Name, labels, value))
		case !(math.Abs(value-expected) <= tolerance(metric, labels, p)):
			found = append(found, fmt.Sprintf("%s{%s%s} is %v, want %v", metric, p.Name, labels, value, expected))
		}
	}
	for labels, expected := range wanted {
		if _, there := ours[labels]; !there {
			found = append(found, fmt.Sprintf("%s{%s%s} is missing, want %v", metric, p.Name, labels, expected))
		}
	}
	return found
}

// problems are the metrics that show something about a person that was true at no
// moment, as they compare with the first.
func (o observation) problems(p *demoPerson) []string {
	open, first := checks(), map[string][]string{}
	for truth := range o.truths(p) {
		for metric, check := range open {
			found := mismatches(metric, o.scrape[metric], check(truth), truth)
			switch {
			case len(found) == 0:
				delete(open, metric)
			case first[metric] == nil:
				first[metric] = found
			}
		}
		if len(open) == 0 {
			return nil
		}
	}
	var found []string
	for metric := range open {
		found = append(found, first[metric]...)
	}
	slices.Sort(found)
	return found
}

// check fails the test for whatever is not true, and for people who do not exist.
func (o observation) check(t *testing.T) {
	t.Helper()
	names := map[string]bool{}
	for i := range o.people {
		person := &o.people[i]
		names[person.Name] = true
		if found := o.problems(person); len(found) > 0 {
			t.Errorf("%s, from %v to %v:\n%s", person.Name, o.began, o.after, strings.Join(found, "\n"))
		}
	}
	for metric := range checks() {
		for labels := range o.scrape[metric] {
			if account, _, _ := strings.Cut(labels, " "); !names[account] {
				t.Errorf("%s{%s} is about nobody", metric, labels)
			}
		}
	}
}

// The checks must be able to fail: no value may be off, no series missing or too
// many.
func TestTheDemosChecksNotice(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	people := demoPeople()
	for i := range people {
		p := truthOf(&people[i], observation{began: at, before: at, after: at}, at, at)
		for metric, check := range checks() {
			wanted := check(p)
			right, more := map[string]float64{"somebody": 1}, map[string]float64{p.Name + " label=more": 1}
			for labels, value := range wanted {
				right[p.Name+labels], more[p.Name+labels] = value, value
			}
			if found := mismatches(metric, right, wanted, p); len(found) > 0 {
				t.Errorf("what is right is wrong: %v", found)
			}
			if found := mismatches(metric, more, wanted, p); len(found) != 1 {
				t.Errorf("%s of %s has a series more, found %v", metric, p.Name, found)
			}
			for labels, value := range wanted {
				off := tolerance(metric, labels, p)
				for name, spoiled := range map[string]float64{"above": value + 2*off, "below": value - 2*off, "none": math.NaN()} {
					wrong := maps.Clone(right)
					wrong[p.Name+labels] = spoiled
					if found := mismatches(metric, wrong, wanted, p); len(found) != 1 {
						t.Errorf("%s%s of %s is %s, found %v", metric, labels, p.Name, name, found)
					}
				}
				less := maps.Clone(right)
				delete(less, p.Name+labels)
				if found := mismatches(metric, less, wanted, p); len(found) != 1 {
					t.Errorf("%s%s of %s is missing, found %v", metric, labels, p.Name, found)
				}
			}
		}
	}
}
