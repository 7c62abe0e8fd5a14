package collector

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	answers   sync.Pool // of *answer

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
	again    time.Time          // nothing that waits can begin before, unless something comes or ends
	labels   [][]*dto.LabelPair // by series
	families []int              // by series: which of Metrics
}

// offer is a sample that is offered.
type offer struct {
	post  post
	since time.Time
	times int
}

// For serves a scraper of a name: it gathers what it is offered now, at most 24 samples
// of a series, ascending, none older than the window and none in the future. One that was
// not seen before, or not lately, is offered all of the window, oldest first.
func (r *Readings) For(name string, window time.Duration) prometheus.TransactionalGatherer {
	return visit{r, name, window}
}

// visit is a scrape of one scraper.
type visit struct {
	readings *Readings
	name     string
	window   time.Duration
}

// Gather implements prometheus.TransactionalGatherer. It never fails. What it gives is
// good until done is called: then the next answer is written over it.
func (v visit) Gather() (offered []*dto.MetricFamily, done func(), err error) {
	answer := v.readings.answer()
	v.readings.offer(v.name, v.window, answer)
	return answer.list(), func() { v.readings.answers.Put(answer) }, nil
}

// answer gives an empty answer, with the room of one before.
func (r *Readings) answer() *answer {
	a, _ := r.answers.Get().(*answer)
	if a == nil {
		return newAnswer()
	}
	a.clear()
	return a
}

// offer writes what a scraper is offered now into an answer.
func (r *Readings) offer(name string, window time.Duration, answer *answer) {
	now := time.Now()
	s := r.scraper(name, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	here := make(map[string]*offering, len(s.accounts))
	for _, a := range r.collector.all() {
		o := s.accounts[a.name]
		if o == nil {
			o = &offering{}
		}
		here[a.name] = o
		o.renew(a, now, window)
		o.write(answer)
	}
	s.accounts = here
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
	anew, news := o.take(a)
	if anew {
		o.offers, o.labels, o.families = nil, nil, nil
	}
	oldest := now.Add(-window).UnixMilli()
	ended := o.end(now, oldest)
	if wait := o.again.Sub(now); news || ended || wait <= 0 || wait > offeredWhileMoreWait {
		o.beginWaiting(now, oldest)
	}
	for i := range o.offers {
		o.offers[i].times++
	}
	for _, series := range a.outbox.series[len(o.labels):] {
		o.labels = append(o.labels, labelsOf(a.name, series))
		o.families = append(o.families, slices.Index(Metrics(), series.Metric))
	}
}

// end takes back what was offered long enough, or is not after the oldest time. It tells
// whether there was any.
func (o *offering) end(now time.Time, oldest int64) (ended bool) {
	before := len(o.offers)
	o.offers = slices.DeleteFunc(o.offers, func(f offer) bool {
		return f.post.unixMilli <= oldest || f.times >= leastOffers && now.Sub(f.since) >= offeredFor
	})
	return len(o.offers) < before
}

// beginWaiting offers of what waits as much as there is room for, and notes until when it
// need not be tried again: hundreds wait when a scraper is new. The account is locked.
func (o *offering) beginWaiting(now time.Time, oldest int64) {
	o.again = now.Add(offeredWhileMoreWait)
	box := &o.account.outbox
	full := make([]bool, len(box.series))
	o.waiting = slices.DeleteFunc(o.waiting, func(number uint64) bool {
		p := box.at(number)
		switch {
		case full[p.series] || p.unixMilli <= oldest:
			return false
		case p.time().After(now):
			o.tryAgain(p.time())
			return false
		}
		full[p.series] = !o.begin(p, now)
		return !full[p.series]
	})
}

// tryAgain notes that something that waits may begin then.
func (o *offering) tryAgain(at time.Time) {
	if at.Before(o.again) {
		o.again = at
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
		f := o.offers[longest]
		if leaves := f.since.Add(offeredWhileMoreWait); f.times < leastOffers || now.Before(leaves) {
			o.tryAgain(leaves)
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

// write adds what is offered to an answer.
func (o *offering) write(answer *answer) {
	for _, f := range o.offers {
		answer.add(o.families[f.post.series], o.labels[f.post.series], f.post)
	}
}

// labelsOf are the labels of a series, in order of their names.
func labelsOf(account string, s Series) []*dto.LabelPair {
	labels := []*dto.LabelPair{labelPair("account", account)}
	if s.Metric == Event {
		labels = append(labels, labelPair("subtype", s.Subtype), labelPair("type", s.Type), labelPair("unit", s.Unit))
	}
	return labels
}
