package collector

import (
	"cmp"
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

// compare orders series.
func (s Series) compare(other Series) int {
	return cmp.Or(
		cmp.Compare(s.Metric, other.Metric), cmp.Compare(s.Type, other.Type),
		cmp.Compare(s.Subtype, other.Subtype), cmp.Compare(s.Unit, other.Unit),
	)
}

// outbox holds one person's samples of the last hours in the order in which they
// became final, which is not that of their times: a phone brings late what it
// measured early. Whoever takes them remembers how far it has come.
// It is not safe for concurrent use: the account that owns it locks.
type outbox struct {
	reach  time.Duration // no sample is older
	series []Series
	posts  []post
	first  uint64               // number of posts[0]; numbers never come again
	open   uint64               // from this one on nobody may see them: their times are not saved yet
	posted map[uint64]time.Time // by identity of an event: its time
	// generation is another one when what was there before holds no more.
	generation int
}

// post is a sample in 24 bytes: there are hundreds for each of thousands of people.
type post struct {
	unixMilli int64
	value     float64
	series    int
}

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

// putEvent adds an event that was not added before. What the person changes or
// deletes afterwards stays as it was.
func (o *outbox) putEvent(e dexcom.Event, identity uint64, now time.Time) {
	sample, ok := EventSample(e)
	if _, known := o.posted[identity]; known || !ok || now.Sub(e.Time) >= o.reach {
		return
	}
	if o.posted == nil {
		o.posted = map[uint64]time.Time{}
	}
	o.posted[identity] = e.Time
	o.put(sample, now)
}

// trim forgets what is too old.
func (o *outbox) trim(now time.Time) {
	oldest := now.Add(-o.reach).UnixMilli()
	old := 0
	for old < len(o.posts) && o.posts[old].unixMilli <= oldest {
		old++
	}
	o.posts = slices.Delete(o.posts, 0, old)
	o.first += uint64(old)
	for identity, at := range o.posted {
		if at.UnixMilli() <= oldest {
			delete(o.posted, identity)
		}
	}
}

// clear takes all back that can be taken back. Numbers go on.
func (o *outbox) clear() {
	o.generation++
	o.first += uint64(len(o.posts))
	o.posts, o.series, o.posted = nil, nil, nil
}

// end is the number that the next sample will have.
func (o *outbox) end() uint64 { return o.first + uint64(len(o.posts)) }

// since gives the samples that may be seen from a number on, and the number after
// them.
func (o *outbox) since(number uint64) (samples []Sample, next uint64) {
	number, next = max(number, o.first), min(o.open, o.end())
	for ; number < next; number++ {
		p := o.posts[number-o.first]
		samples = append(samples, Sample{o.series[p.series], time.UnixMilli(p.unixMilli).UTC(), p.value})
	}
	return samples, max(number, next)
}

// fillOutbox puts all that may leave the program into the outbox in the place of what
// is there: more of it, or of what it holds some may not any more. The caller holds mu.
func (a *account) fillOutbox(now time.Time) {
	a.outbox.clear()
	for _, reading := range a.history.released(now.Add(-a.outbox.reach)) {
		a.outbox.putReading(reading, now)
	}
	a.putEvents(now)
	a.unsaved = true
}

// putEvents puts the events into the outbox that are not in it yet. The caller holds
// mu.
func (a *account) putEvents(now time.Time) {
	if a.both.mismatch { // they are another person's
		return
	}
	for _, event := range a.events {
		if slices.Contains(a.settings.Events, event.Kind) {
			name := cmp.Or(event.ID, event.Kind+event.Subtype+event.Time.String())
			a.outbox.putEvent(event, a.history.nameHash(name), now)
		}
	}
	a.unsaved = a.unsaved || a.outbox.open != a.outbox.end()
}

// postEvents lets what the person wrote down leave the program.
func (a *account) postEvents() {
	a.mu.Lock()
	a.putEvents(time.Now())
	a.mu.Unlock()
	a.keep()
}
