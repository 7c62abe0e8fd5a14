package collector

import (
	"cmp"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
)

const (
	// mostOffered is how many samples of a series one scrape has: Prometheus stores 32
	// or more of them again and again.
	mostOffered = 24
	// offeredFor is how long a sample is offered, offeredWhileMoreWait how long at
	// least when others need its place, and leastOffers how often in any case.
	offeredFor           = 30 * time.Minute
	offeredWhileMoreWait = 5 * time.Minute
	leastOffers          = 3
	// mostScrapers are remembered.
	mostScrapers = 16
)

// Readings offers the samples with a time of their own to scrapers, to each one every
// sample of the window, for a limited time: what lies there for ever is stored again
// at each scrape, and one sample that is older than a server takes costs it the whole
// scrape. It is safe for concurrent use.
type Readings struct {
	collector *Collector

	mu       sync.Mutex // guards what follows
	scrapers map[string]*scraper
}

// NewReadings makes an outlet that nobody has scraped yet.
func (c *Collector) NewReadings() *Readings {
	return &Readings{collector: c, scrapers: map[string]*scraper{}}
}

// scraper is one of those who scrape, and what was offered to it.
type scraper struct {
	mu       sync.Mutex // guards what follows, and is held while it is served
	seen     time.Time
	accounts map[string]*offering
}

// offering is what one account offers one scraper.
type offering struct {
	inbox
	offers []offer // in order of series and time
}

// offer is a sample that is offered, in the form in which it is written.
type offer struct {
	Sample
	metric *dto.Metric
	since  time.Time
	times  int
}

// Gather gives a scraper what it is offered now: at most 24 samples of a series,
// ascending, none older than the window and none in the future. A scraper that was
// not seen before, or not lately, is offered all of the window, oldest first.
func (r *Readings) Gather(name string, window time.Duration) []*dto.MetricFamily {
	now := time.Now()
	s := r.scraper(name, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	families := newFamilies()
	here := make(map[string]*offering, len(s.accounts))
	for _, a := range r.collector.all() {
		o := s.accounts[a.name]
		if o == nil {
			o = &offering{}
		}
		here[a.name] = o
		if o.take(a) {
			o.offers = nil
		}
		o.update(a.name, now, window)
		o.collect(families)
	}
	s.accounts = here
	return families.list()
}

// scraper finds one by name. Of too many the one that was away longest is forgotten.
func (r *Readings) scraper(name string, now time.Time) *scraper {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.scrapers[name]
	if s == nil {
		s = &scraper{}
		r.scrapers[name] = s
	}
	s.seen = now
	for len(r.scrapers) > mostScrapers {
		oldest := name
		for other, s := range r.scrapers {
			if s.seen.Before(r.scrapers[oldest].seen) {
				oldest = other
			}
		}
		delete(r.scrapers, oldest)
	}
	return s
}

// update ends what was offered long enough and begins with what waits.
func (o *offering) update(account string, now time.Time, window time.Duration) {
	tooOld := func(s Sample) bool { return now.Sub(s.Time) >= window }
	o.waiting = slices.DeleteFunc(o.waiting, tooOld)
	o.offers = slices.DeleteFunc(o.offers, func(f offer) bool {
		return tooOld(f.Sample) || f.times >= leastOffers && now.Sub(f.since) >= offeredFor
	})
	o.waiting = slices.DeleteFunc(o.waiting, func(s Sample) bool {
		return !s.Time.After(now) && o.begin(account, s, now)
	})
	for i := range o.offers {
		o.offers[i].times++
	}
}

// begin offers a sample, if there is room for it or another one has been there long
// enough. Of two with one time the first stays.
func (o *offering) begin(account string, s Sample, now time.Time) (begun bool) {
	first, end := o.of(s.Series)
	place, known := slices.BinarySearchFunc(o.offers[first:end], s.Time, func(f offer, at time.Time) int { return f.Time.Compare(at) })
	if known {
		return true
	}
	place += first
	if end-first >= mostOffered {
		longest := first
		for i := first; i < end; i++ {
			if o.offers[i].since.Before(o.offers[longest].since) {
				longest = i
			}
		}
		if f := o.offers[longest]; f.times < leastOffers || now.Sub(f.since) < offeredWhileMoreWait {
			return false
		}
		o.offers = slices.Delete(o.offers, longest, longest+1)
		if longest < place {
			place--
		}
	}
	o.offers = slices.Insert(o.offers, place, offer{Sample: s, metric: s.metric(account), since: now})
	return true
}

// of finds the offers of a series.
func (o *offering) of(series Series) (first, end int) {
	first, _ = slices.BinarySearchFunc(o.offers, series, func(f offer, s Series) int { return f.compare(s) })
	end = first
	for end < len(o.offers) && o.offers[end].Series == series {
		end++
	}
	return first, end
}

func (o *offering) collect(families *families) {
	for _, f := range o.offers {
		families.add(f.Metric, f.metric)
	}
}

// metric is the sample as Prometheus's formats write it.
func (s Sample) metric(account string) *dto.Metric {
	label := func(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
	labels := []*dto.LabelPair{label("account", account)}
	if s.Metric == Event {
		labels = append(labels, label("subtype", s.Subtype), label("type", s.Type), label("unit", s.Unit))
	}
	unixMilli := s.Time.UnixMilli()
	return &dto.Metric{Label: labels, Gauge: &dto.Gauge{Value: &s.Value}, TimestampMs: &unixMilli}
}

// families are the metric families of one answer.
type families [3]*dto.MetricFamily

func newFamilies() *families {
	var f families
	for i, metric := range Metrics() {
		name, help, kind := string(metric), metric.Help(), dto.MetricType_GAUGE
		f[i] = &dto.MetricFamily{Name: &name, Help: &help, Type: &kind}
	}
	return &f
}

func (f *families) add(metric Metric, m *dto.Metric) {
	i := slices.Index(Metrics(), metric)
	f[i].Metric = append(f[i].Metric, m)
}

// list gives those that have samples, in order of their names, as a Gatherer does.
func (f *families) list() []*dto.MetricFamily {
	some := slices.DeleteFunc(slices.Clone(f[:]), func(family *dto.MetricFamily) bool { return len(family.Metric) == 0 })
	slices.SortFunc(some, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return some
}
