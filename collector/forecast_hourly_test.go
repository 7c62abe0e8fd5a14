package collector

import (
	"math/rand/v2"
	"testing"
	"time"
)

// uploader is a phone that uploads once an hour, whose readings are held back.
type uploader struct {
	hold    time.Duration
	uploads []time.Time
}

func newUploader(hold time.Duration, seed uint64) uploader {
	u, random := uploader{hold: hold}, rand.New(rand.NewPCG(seed, 1))
	for hour := range 96 {
		u.uploads = append(u.uploads, noon().Add(time.Duration(hour-4)*time.Hour+time.Duration(random.Int64N(int64(8*time.Minute)))))
	}
	return u
}

// last is the newest upload up to a time.
func (u uploader) last(by time.Time) (newest time.Time) {
	for _, upload := range u.uploads {
		if !upload.After(by) {
			newest = upload
		}
	}
	return newest
}

// chase is how a forecast follows an uploader.
type chase struct {
	uploader

	forecast forecast
	now      time.Time
	pace     pace
}

func newChase(hold time.Duration, seed uint64) *chase {
	return &chase{uploader: newUploader(hold, seed), forecast: newForecast(time.Hour), now: noon(), pace: usualPace()}
}

// away passes a time in which nobody is asked.
func (c *chase) away(d time.Duration) { c.now = c.now.Add(d) }

// follow goes on for some time, without looks where it is blind. It tells how often it
// polled, and how late the batches were found that could be since its beginning.
func (c *chase) follow(d time.Duration, blind bool) (polls int, delays []time.Duration) {
	f, begin := &c.forecast, c.now
	for poll, found := c.now, c.now; c.now.Before(begin.Add(d)); {
		if !c.now.Before(poll) {
			polls++
			for _, upload := range c.uploads {
				if at := upload.Add(c.hold); at.After(found) && !at.After(c.now) {
					delays = append(delays, c.now.Sub(at))
				}
			}
			found = c.now
			f.saw(c.last(c.now.Add(-c.hold)).Add(-2*time.Minute), c.now)
		}
		look := latest(f.look(c.pace), c.now)
		if !blind && !c.now.Before(look) {
			f.told(c.last(c.now), c.now)
		}
		if poll, look = f.due(usual, c.pace), latest(f.look(c.pace), c.now.Add(c.pace.min)); blind {
			look = poll
		}
		c.now = latest(earliest(poll, look), c.now.Add(time.Second))
	}
	return polls, delays
}

// Who cannot look any more, because the app's budget is short, asks by habit: seldom, and
// not much later than with looks.
func TestAHabitStandsInForLooks(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	c := newChase(time.Hour+30*time.Second, 1)
	c.follow(day, false)
	c.follow(3*time.Hour, true)
	polls, delays := c.follow(day, true)
	if polls > 2*24 || quantile(delays, .5) > 10*time.Minute || quantile(delays, .95) > 25*time.Minute || len(delays) < 20 {
		t.Errorf("%d polls in a day; %d batches after %v, p95 %v", polls, len(delays), quantile(delays, .5), quantile(delays, .95))
	}
	c.follow(3*time.Hour, false)
	if _, delays = c.follow(day, false); quantile(delays, .95) > 2*time.Minute || len(delays) < 20 {
		t.Errorf("when it can look again: %d batches, p95 %v", len(delays), quantile(delays, .95))
	}
}

// Who asks some seconds too soon, and missed the batch before, finds that one: an hour
// late, and so on for ever if it takes it for what it came for.
func TestTheBatchBeforeIsNotTheOneAwaited(t *testing.T) {
	t.Parallel()
	f, before, awaited := newForecast(time.Hour), noon(), noon().Add(time.Hour)
	f.held, f.proven = true, true
	f.told(before.Add(-time.Hour), before.Add(-time.Hour))
	f.told(before, before.Add(lateUpload))
	f.saw(before.Add(-time.Hour-time.Minute), before.Add(55*time.Minute))
	f.pending = nil // as after a poll that took another batch for that of before
	f.told(awaited, awaited.Add(lateUpload))
	soon := awaited.Add(f.hold.offset)
	f.saw(before.Add(-time.Minute), soon)
	if wait := f.due(usual, usualPace()).Sub(soon); wait > 2*time.Minute {
		t.Errorf("asks again after %v", wait)
	}
	f.saw(awaited.Add(-time.Minute), soon.Add(time.Minute))
	if found := f.hold.offset - soon.Sub(awaited); found <= 0 || found > 2*time.Minute {
		t.Errorf("asks %v later from now on, want up to two minutes", found)
	}
}

// After an outage nobody knows of the uploads in it but of the newest: the ones before are
// looked for too.
func TestUploadsOfAnOutageAreLookedFor(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		for minutes := range 10 {
			c := newChase(time.Hour+30*time.Second, seed)
			c.follow(24*time.Hour, false)
			c.away(4*time.Hour + time.Duration(minutes)*time.Minute)
			if polls, delays := c.follow(4*time.Hour, false); quantile(delays, 1) > c.pace.max+time.Minute || polls > 4*4 {
				t.Errorf("phone %d, an outage of 4 h %d min: %d polls, batches were found %v late", seed, minutes, polls, delays)
			}
		}
	}
}
