package collector

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Sample is a record at its own time, as it leaves the program on /readings and by
// OTLP. It never changes.
type Sample struct {
	Series
	Time  time.Time // to the millisecond
	Value float64
}

// Series is what a sample is of, beside the account.
type Series struct {
	Metric Metric
	// Type, Subtype and Unit are those of an event; empty for glucose.
	Type, Subtype, Unit string
}

// Metric is the name of a metric whose samples have their own time.
type Metric string

// The metrics whose samples have their own time.
const (
	EGV     Metric = "dexcom_egv_mg_dl"
	EGVRate Metric = "dexcom_egv_rate_mg_dl_per_minute"
	Event   Metric = "dexcom_event_value"
)

// Metrics lists them.
func Metrics() []Metric { return []Metric{EGV, EGVRate, Event} }

// Help is the metric's help text.
func (m Metric) Help() string {
	switch m {
	case EGVRate:
		return "Trend rate of each reading that Dexcom gave one, at the reading's own time."
	case Event:
		return "Each event that the person wrote down, of the configured kinds, at its own time, in its unit; 1 where its kind has no value."
	}
	return "Each reading in mg/dL, at its own time; 39 is LOW, 401 is HIGH."
}

// EventSample is an event as it leaves the program: 1 for a kind that has no value.
// It is false for one that lacks the value that its kind has.
func EventSample(e dexcom.Event) (Sample, bool) {
	s := Sample{Series{Event, e.Kind, e.Subtype, e.Unit()}, e.Time, e.Value}
	if s.Unit == "" {
		s.Value = 1
	}
	return s, s.Unit == "" || e.HasValue
}

// outbox holds one person's samples of the last hours in the order in which they
// became final, which is not that of their times: a phone brings late what it
// measured early. Whoever takes them remembers how far it has come.
// It is not safe for concurrent use: the account that owns it locks.
type outbox struct {
	reach  time.Duration // no sample is older
	series []Series
	posts  []post
	first  uint64 // number of posts[0]; numbers never come again
	open   uint64 // from this one on nobody may see them: their times are not saved yet
	newest int64  // Unix milliseconds
	// posted are events, and the places that they took, by hash, with their times.
	posted map[uint64]time.Time
	// generation is another one when some of what was there before holds no more.
	generation int
}

// post is a sample in 24 bytes: there are hundreds for each of thousands of people.
type post struct {
	unixMilli int64
	value     float64
	series    int
}

func (p post) time() time.Time { return time.UnixMilli(p.unixMilli).UTC() }

// put adds a sample, unless it is too old.
func (o *outbox) put(s Sample, now time.Time) {
	if now.Sub(s.Time) >= o.reach {
		return
	}
	series := slices.Index(o.series, s.Series)
	if series < 0 {
		series = len(o.series)
		o.series = append(o.series, s.Series)
	}
	o.posts = append(o.posts, post{s.Time.UnixMilli(), s.Value, series})
	o.newest = max(o.newest, s.Time.UnixMilli())
}

// putReading adds what a reading says.
func (o *outbox) putReading(r Reading, now time.Time) {
	o.put(Sample{Series{Metric: EGV}, r.Time, r.MgDL}, now)
	if r.HasTrendRate {
		o.putRate(r, now)
	}
}

func (o *outbox) putRate(r Reading, now time.Time) {
	o.put(Sample{Series{Metric: EGVRate}, r.Time, r.TrendRate}, now)
}

// note remembers an event or its place, and tells whether it was known.
func (o *outbox) note(hash uint64, at time.Time) (known bool) {
	if _, known = o.posted[hash]; known {
		return true
	}
	if o.posted == nil {
		o.posted = map[uint64]time.Time{}
	}
	o.posted[hash] = at
	return false
}

// trim forgets what is too old, counted from the newest sample where that is older
// than now: a clock that is ahead for a moment must not cost it all.
func (o *outbox) trim(now time.Time) {
	oldest := min(now.UnixMilli(), o.newest) - o.reach.Milliseconds()
	old := 0
	for old < len(o.posts) && o.posts[old].unixMilli <= oldest {
		old++
	}
	o.posts = fitted(slices.Delete(o.posts, 0, old))
	o.first += uint64(old)
	maps.DeleteFunc(o.posted, func(_ uint64, at time.Time) bool { return at.UnixMilli() <= oldest })
}

// clear takes all back that can be taken back. Numbers go on.
func (o *outbox) clear() {
	o.retain(func(Series) bool { return false })
	o.series, o.posted, o.newest = nil, nil, 0
}

// retain takes back what is not of some series. What stays has other numbers.
func (o *outbox) retain(may func(Series) bool) {
	var posts []post
	next, opened := o.end(), 0
	for i, p := range o.posts {
		if !may(o.series[p.series]) {
			continue
		}
		posts = append(posts, p)
		if o.first+uint64(i) < o.open {
			opened++
		}
	}
	o.posts, o.first, o.open = posts, next, next+uint64(opened)
	o.generation++
}

// end is the number that the next sample will have.
func (o *outbox) end() uint64 { return o.first + uint64(len(o.posts)) }

// at is the sample with a number that is there.
func (o *outbox) at(number uint64) post { return o.posts[number-o.first] }

// sample is a post in full.
func (o *outbox) sample(p post) Sample { return Sample{o.series[p.series], p.time(), p.value} }

// fillOutbox puts all that may leave the program into the outbox in the place of what
// is there. The caller holds mu.
func (a *account) fillOutbox(now time.Time) {
	a.outbox.clear()
	a.extendOutbox(0, now)
}

// extendOutbox adds what is older than what the outbox reached before. The caller
// holds mu.
func (a *account) extendOutbox(before time.Duration, now time.Time) {
	for _, reading := range a.history.released(now.Add(-a.outbox.reach)) {
		if now.Sub(reading.Time) >= before {
			a.outbox.putReading(reading, now)
		}
	}
	a.putEvents(now)
	a.unsaved = true
}

// putEvents adds the events that were not added before. What the person changes or
// deletes afterwards stays as it was, and of two at one time the first. They wait as
// readings of the API do, for they may be another person's. The caller holds mu.
func (a *account) putEvents(now time.Time) {
	if a.both.mismatch || a.mustWait(now) {
		return
	}
	for _, event := range a.events {
		sample, ok := EventSample(event)
		if !ok || now.Sub(event.Time) >= a.outbox.reach || !slices.Contains(a.settings.Events, event.Kind) {
			continue
		}
		place := fmt.Sprint(sample.Series, event.Time.UnixMilli())
		name := a.history.nameHash(cmp.Or(event.ID, fmt.Sprint(place, event.Value)))
		if a.outbox.note(name, event.Time) {
			continue
		}
		if a.outbox.note(a.history.nameHash(place), event.Time) {
			a.countSkip("events", skipDuplicate, name)
			continue
		}
		a.outbox.put(sample, now)
	}
}

// postEvents lets what the person wrote down leave the program.
func (a *account) postEvents() {
	a.mu.Lock()
	a.settle(time.Now())
	a.mu.Unlock()
	a.keep()
}
