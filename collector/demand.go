package collector

import (
	"context"
	"sync"
	"time"
)

// demand is who wants a poll of one source now, and who waits for its end. It is
// safe for concurrent use.
type demand struct {
	wanted chan struct{} // has a value when somebody wants a poll at once
	moved  chan struct{} // has a value when the next poll shall come at another time

	mu       sync.Mutex    // guards what follows
	over     bool          // nobody polls any more
	due      time.Time     // before this the last poll is recent enough
	joined   time.Time     // when somebody asked for the poll that is to come; zero: nobody
	underway chan struct{} // closed at the end of the poll that is wanted or runs; nil: there is none
}

func newDemand() *demand {
	return &demand{wanted: make(chan struct{}, 1), moved: make(chan struct{}, 1)}
}

// want asks for a poll whatever the last one was.
func (d *demand) want() {
	select {
	case d.wanted <- struct{}{}:
	default: // it is wanted already
	}
}

// early is how much too soon somebody may come and still get a poll, when it is due:
// scrapes whose interval is the least one do not come to the millisecond.
const early = time.Second

// join asks for a poll, unless the last one is recent enough or one runs already.
// The channel is closed when there is nothing to wait for any more.
func (d *demand) join() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	pause := time.Until(d.due)
	switch {
	case d.underway != nil:
		return d.underway
	case d.over || pause > early:
		recent := make(chan struct{})
		close(recent)
		return recent
	}
	d.underway, d.joined = make(chan struct{}), time.Now().Add(max(0, pause))
	time.AfterFunc(pause, d.want)
	return d.underway
}

// rest keeps polls that are joined away until a time.
func (d *demand) rest(until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due = until
}

// move says that the next poll shall come at another time.
func (d *demand) move() {
	select {
	case d.moved <- struct{}{}:
	default: // whoever waits will hear of it
	}
}

// wait returns after a time, when a poll is wanted, or when ctx is done. When the poll
// is moved again tells how long to wait from then on.
func (d *demand) wait(ctx context.Context, after time.Duration, again func() time.Duration) {
	until := time.Now().Add(after)
	timer := time.NewTimer(min(after, longestNap))
	defer timer.Stop()
	for {
		select {
		case <-d.moved:
			until = time.Now().Add(again())
			timer.Reset(min(left(until), longestNap))
			continue
		case <-timer.C:
			if rest := left(until); rest > 0 {
				timer.Reset(min(rest, longestNap))
				continue
			}
		case <-d.wanted:
		case <-ctx.Done():
		}
		return
	}
}

// longestNap is after how long to look at the clock again: timers stand still while the
// machine sleeps.
const longestNap = 5 * time.Minute

// left is how long it is until a time of [time.Now]: by the clock on the wall, or by the
// one that nobody puts back, whichever is there sooner.
func left(until time.Time) time.Duration {
	return min(time.Until(until), time.Until(until.Round(0)))
}

// begin notes that a poll begins: what was wanted comes now. It tells since when.
func (d *demand) begin() (since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.wanted:
	default:
	}
	if d.underway == nil {
		d.underway = make(chan struct{})
	}
	since, d.joined = d.joined, time.Time{}
	if since.IsZero() {
		since = time.Now()
	}
	return since
}

// met notes that the poll ended, and from when on another one may be joined.
func (d *demand) met(due time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due = due
	if d.underway != nil {
		close(d.underway)
		d.underway = nil
	}
}

// end notes that there will be no poll any more: nobody has to wait for one.
func (d *demand) end() {
	d.mu.Lock()
	d.over = true
	d.mu.Unlock()
	d.met(time.Time{})
}
