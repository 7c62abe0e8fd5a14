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

	offers   []offer            // in order of series and time
	labels   [][]*dto.LabelPair // by series
	families []int              // by series: which of Metrics
}

// offer is a sample that is offered.
type offer struct {
	post  post
	since time.Time
	times int
}

// exposed is a sample in the form in which it is written: one piece of memory for what
// its pointers point to.
type exposed struct {
	metric    dto.Metric
	gauge     dto.Gauge
	value     float64
	unixMilli int64
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
		o.renew(a, now, window)
		o.collect(families)
	}
	s.accounts = here
	return families.list()
}

// scraper finds one by name. Of too many, one that has not come lately is forgotten;
// if all come, a new one is not remembered, and offered the oldest each time: whoever
// invents names must not take their place.
func (r *Readings) scraper(name string, now time.Time) *scraper {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.scrapers[name]
	if s == nil {
		s = &scraper{}
		if len(r.scrapers) >= mostScrapers && !r.forgetOne(now) {
			return s
		}
		r.scrapers[name] = s
	}
	s.seen = now
	return s
}

// forgetOne forgets the scraper that was away longest, if that was long.
func (r *Readings) forgetOne(now time.Time) (forgotten bool) {
	const long = offeredFor
	var oldest string
	for name, s := range r.scrapers {
		if oldest == "" || s.seen.Before(r.scrapers[oldest].seen) {
			oldest = name
		}
	}
	if now.Sub(r.scrapers[oldest].seen) < long {
		return false
	}
	delete(r.scrapers, oldest)
	return true
}

// renew takes what is new of an account, ends what was offered long enough and begins
// with what waits, oldest first.
func (o *offering) renew(a *account, now time.Time, window time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o.take(a) {
		o.offers, o.labels, o.families = nil, nil, nil
	}
	oldest, newest := now.Add(-window).UnixMilli(), now.UnixMilli()
	tooOld := func(p post) bool { return p.unixMilli <= oldest }
	o.offers = slices.DeleteFunc(o.offers, func(f offer) bool {
		return tooOld(f.post) || f.times >= leastOffers && now.Sub(f.since) >= offeredFor
	})
	full := make([]bool, len(a.outbox.series))
	o.waiting = slices.DeleteFunc(o.waiting, func(number uint64) bool {
		p := a.outbox.at(number)
		if full[p.series] || tooOld(p) || p.unixMilli > newest {
			return false
		}
		full[p.series] = !o.begin(p, now)
		return !full[p.series]
	})
	for i := range o.offers {
		o.offers[i].times++
	}
	for _, series := range a.outbox.series[len(o.labels):] {
		o.labels = append(o.labels, labelsOf(a.name, series))
		o.families = append(o.families, slices.Index(Metrics(), series.Metric))
	}
}

// begin offers a sample, if there is room for it or another one has been there long
// enough. Of two with one time the first stays. The account is locked.
func (o *offering) begin(p post, now time.Time) (begun bool) {
	place, known := slices.BinarySearchFunc(o.offers, p, func(f offer, p post) int { return f.post.compare(p) })
	if known {
		return true
	}
	first, _ := slices.BinarySearchFunc(o.offers, p.series, func(f offer, series int) int { return cmp.Compare(f.post.series, series) })
	end, _ := slices.BinarySearchFunc(o.offers, p.series+1, func(f offer, series int) int { return cmp.Compare(f.post.series, series) })
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
	o.offers = slices.Insert(o.offers, place, offer{post: p, since: now})
	return true
}

// compare orders samples by series and time.
func (p post) compare(other post) int {
	return cmp.Or(cmp.Compare(p.series, other.series), cmp.Compare(p.unixMilli, other.unixMilli))
}

// collect adds what is offered, in memory of its own: who scrapes keeps little of it.
func (o *offering) collect(families *families) {
	all := make([]exposed, len(o.offers))
	for i := range all {
		f, e := &o.offers[i], &all[i]
		e.value, e.unixMilli, e.gauge.Value = f.post.value, f.post.unixMilli, &e.value
		e.metric.Label, e.metric.Gauge, e.metric.TimestampMs = o.labels[f.post.series], &e.gauge, &e.unixMilli
		family := families[o.families[f.post.series]]
		family.Metric = append(family.Metric, &e.metric)
	}
}

// labelsOf are the labels of a series, in order of their names.
func labelsOf(account string, s Series) []*dto.LabelPair {
	label := func(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
	labels := []*dto.LabelPair{label("account", account)}
	if s.Metric == Event {
		labels = append(labels, label("subtype", s.Subtype), label("type", s.Type), label("unit", s.Unit))
	}
	return labels
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

// list gives those that have samples, in order of their names, as a Gatherer does.
func (f *families) list() []*dto.MetricFamily {
	some := slices.DeleteFunc(slices.Clone(f[:]), func(family *dto.MetricFamily) bool { return len(family.Metric) == 0 })
	slices.SortFunc(some, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return some
}
