package collector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// phone is when a person's readings are published.
type phone struct {
	delay, jitter time.Duration
	skew          time.Duration // by which the readings' times are ahead
	loss          float64       // share of readings that never come
	outages       [][2]time.Duration
}

// measurement is a reading in the life of a phone, in time since its beginning.
type measurement struct{ taken, published time.Duration }

func (p phone) measurements(random *rand.Rand, d time.Duration) (all []measurement) {
	for at := 2 * time.Minute; at < d; at += cadence {
		m := measurement{at, at + p.delay + time.Duration(random.Float64()*float64(p.jitter))}
		for _, outage := range p.outages {
			if m.published >= outage[0] && m.published < outage[1] {
				m.published = outage[1]
			}
		}
		if random.Float64() >= p.loss {
			all = append(all, m)
		}
	}
	return all
}

// pursuit is what a rhythm did with a phone.
type pursuit struct {
	polls  []time.Duration
	pauses []time.Duration
	delays map[time.Duration]time.Duration // by time of publication: until the next poll
	rhythm rhythm
}

// pursue asks for a phone's readings as a rhythm says. Polls while refused is true
// fail and say nothing.
func pursue(p phone, pace pace, d time.Duration, refused func(at time.Duration) bool) pursuit {
	random := rand.New(rand.NewPCG(uint64(p.delay), uint64(p.jitter)))
	all := p.measurements(random, d)
	found := pursuit{delays: map[time.Duration]time.Duration{}, rhythm: newRhythm()}
	for at, next := time.Duration(0), 0; at < d; {
		wait := pace.min
		if !refused(at) {
			newest := time.Time{}
			for ; next < len(all) && all[next].published <= at; next++ {
				found.delays[all[next].published] = at - all[next].published
			}
			if next > 0 {
				newest = noon().Add(all[next-1].taken + p.skew)
			}
			found.rhythm.saw(newest, noon().Add(at))
			wait = found.rhythm.pause(noon().Add(at), pace)
			found.pauses = append(found.pauses, wait)
		}
		found.polls = append(found.polls, at)
		at += wait + time.Duration(random.IntN(int(time.Second))) // what a request takes
	}
	return found
}

// between are the delays of what was published in a time.
func (p pursuit) between(from, to time.Duration) (delays []time.Duration) {
	for published, delay := range p.delays {
		if from <= published && published < to {
			delays = append(delays, delay)
		}
	}
	return delays
}

// pollsIn is how often was asked in a time.
func (p pursuit) pollsIn(from, to time.Duration) (n int) {
	for _, at := range p.polls {
		if from <= at && at < to {
			n++
		}
	}
	return n
}

func reachable(time.Duration) bool { return false }

// usualPace is that of the default configuration.
func usualPace() pace { return pace{time.Minute, 15 * time.Minute} }

// Whatever a phone's delay and clock, its readings are found soon after they are
// there, at the price of little more than a request each.
func TestTheRhythmConverges(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, delay := range []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute, 4*time.Minute + 50*time.Second} {
		for _, jitter := range []time.Duration{time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second} {
			for _, skew := range []time.Duration{0, 2 * time.Minute, -2 * time.Minute} {
				p := phone{delay: delay, jitter: jitter, skew: skew, loss: 0.01}
				found := pursue(p, usualPace(), 2*day, reachable)
				for _, span := range []struct {
					name     string
					from, to time.Duration
					median   time.Duration
					p95      time.Duration
					hourly   float64
				}{
					{"first hours", time.Hour, 6 * time.Hour, 30*time.Second + jitter/2, 90 * time.Second, 18},
					{"second day", day, 2*day - time.Hour, 8*time.Second + jitter/2, 75 * time.Second, 14},
				} {
					delays := found.between(span.from, span.to)
					hourly := float64(found.pollsIn(span.from, span.to)) / (span.to - span.from).Hours()
					median, p95 := quantile(delays, .5), quantile(delays, .95)
					if median > span.median || p95 > span.p95 || hourly > span.hourly {
						t.Errorf("delay %v + %v, clock %v: %s: median %v, p95 %v, %.1f polls an hour", delay, jitter, skew, span.name, median, p95, hourly)
					}
				}
			}
		}
	}
}

// What is not there is asked for a bounded number of times, and then once in five
// minutes.
func TestAnOutageCostsFewPolls(t *testing.T) {
	t.Parallel()
	const out, back = 24 * time.Hour, 36 * time.Hour
	p := phone{delay: 20 * time.Second, jitter: 10 * time.Second, outages: [][2]time.Duration{{out, back}}}
	found := pursue(p, usualPace(), 48*time.Hour, reachable)
	if polls, most := found.pollsIn(out, back), 12*12+retries+1; polls > most {
		t.Errorf("%d polls in twelve hours without a reading, want at most %d", polls, most)
	}
	if longest := slices.Max(found.between(0, 48*time.Hour)); longest > cadence+time.Minute {
		t.Errorf("what was published at the end of the outage came %v later", longest)
	}
}

// What was learned before an outage, of the phone or of Share, is still known after
// it: the second reading afterwards comes as before.
func TestAnOutageSpoilsNothing(t *testing.T) {
	t.Parallel()
	for _, hours := range []time.Duration{7 * time.Minute, time.Hour, 3*time.Hour + 2*time.Minute, 13*time.Hour + 4*time.Minute} {
		const out = 24 * time.Hour
		back := out + hours
		offline := phone{delay: 100 * time.Second, jitter: 10 * time.Second, outages: [][2]time.Duration{{out, back}}}
		online := phone{delay: 100 * time.Second, jitter: 10 * time.Second}
		for name, found := range map[string]pursuit{
			"phone": pursue(offline, usualPace(), back+6*time.Hour, reachable),
			"share": pursue(online, usualPace(), back+6*time.Hour, func(at time.Duration) bool { return out <= at && at < back }),
		} {
			delays := found.between(back+10*time.Minute, back+5*time.Hour)
			if p95 := quantile(delays, .95); quantile(delays, .5) > 15*time.Second || p95 > 75*time.Second {
				t.Errorf("%s without network for %v: median %v, p95 %v afterwards", name, hours, quantile(delays, .5), p95)
			}
			if off := found.rhythm.phase.offset - 105*time.Second; off.Abs() > 20*time.Second {
				t.Errorf("%s without network for %v: the phase is %v", name, hours, found.rhythm.phase.offset)
			}
		}
	}
}

// A person gets another phone, and the rhythm gets used to it within a day.
func TestAnotherPhone(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]time.Duration{{10 * time.Second, 2 * time.Minute}, {2 * time.Minute, 10 * time.Second}, {4 * time.Minute, 30 * time.Second}} {
		t.Run(fmt.Sprint(pair), func(t *testing.T) {
			t.Parallel()
			before := pursue(phone{delay: pair[0], jitter: 10 * time.Second}, usualPace(), 24*time.Hour, reachable)
			after := before.rhythm
			found := after.pursueFrom(phone{delay: pair[1], jitter: 10 * time.Second}, 48*time.Hour)
			if median := quantile(found, .5); median > 20*time.Second {
				t.Errorf("median delay of the second day %v", median)
			}
		})
	}
}

// pursueFrom goes on with another phone and gives the delays of the last day.
func (r rhythm) pursueFrom(p phone, d time.Duration) (delays []time.Duration) {
	r.newest = time.Time{}
	for at, next := time.Duration(0), 2*time.Minute; at < d; {
		var newest time.Time
		for ; next+p.delay <= at; next += cadence {
			newest = noon().Add(next)
			if at > d-24*time.Hour {
				delays = append(delays, at-next-p.delay)
			}
		}
		if newest.IsZero() {
			newest = r.newest
		}
		r.saw(newest, noon().Add(at))
		at += r.pause(noon().Add(at), usualPace())
	}
	return delays
}

// However often asked for, at any pace, a pause is within the bounds.
func TestThePauseKeepsThePace(t *testing.T) {
	t.Parallel()
	for _, pace := range []pace{
		{time.Minute, 15 * time.Minute},
		{time.Minute, time.Minute},
		{time.Minute, 3 * time.Minute},
		{7 * time.Minute, 10 * time.Minute},
		{time.Hour, time.Hour},
		{5 * time.Minute, 5 * time.Minute},
	} {
		p := phone{delay: 30 * time.Second, jitter: 90 * time.Second, loss: 0.2, outages: [][2]time.Duration{{5 * time.Hour, 9 * time.Hour}}}
		for i, pause := range pursue(p, pace, 48*time.Hour, reachable).pauses {
			if pause < pace.min || pause > pace.max {
				t.Fatalf("pause %d is %v, want %v to %v", i, pause, pace.min, pace.max)
			}
		}
	}
}

// A reading that is late is asked for a few times at the least pace.
func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	r := newRhythm()
	now := noon()
	r.saw(now.Add(-30*time.Second), now)
	var pauses []time.Duration
	for range 12 {
		pause := r.pause(now, usualPace())
		pauses = append(pauses, pause)
		now = now.Add(pause)
		r.saw(r.newest, now)
	}
	quick := slices.IndexFunc(pauses[1:], func(d time.Duration) bool { return d > time.Minute })
	if pauses[0] != cadence || quick != retries {
		t.Errorf("pauses %v: want one of five minutes, then %d of one", pauses, retries)
	}
	for _, pause := range pauses[retries+2:] {
		if pause != cadence {
			t.Errorf("pauses %v: want five minutes in the end", pauses)
			break
		}
	}
}

func TestNobodyToLearnFrom(t *testing.T) {
	t.Parallel()
	r := newRhythm()
	for range 10 {
		r.saw(time.Time{}, noon())
		if pause := r.pause(noon(), usualPace()); pause != cadence {
			t.Errorf("pause %v without any reading", pause)
		}
	}
}

// Whatever times a server tells, the pause is within the bounds and the delay is one
// that a phone may have.
func FuzzRhythm(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 255, 254, 128, 7}, uint16(1), uint16(15))
	f.Add([]byte{9, 0, 9, 200, 9, 100, 9, 250}, uint16(60), uint16(0))
	f.Fuzz(func(t *testing.T, steps []byte, least, more uint16) {
		pace := pace{time.Duration(least) * time.Second, time.Duration(int(least)+int(more)) * time.Second}
		r, now := newRhythm(), noon()
		for i, step := range steps {
			newest := now.Add(time.Duration(int8(step)) * 3 * time.Second)
			switch i % 5 {
			case 3:
				newest = time.Unix(int64(step), 0)
			case 4:
				newest = time.Date(2099, 1, 1, 0, 0, int(step), 0, time.UTC)
			}
			r.saw(newest, now)
			pause := r.pause(now, pace)
			if pause < pace.min || pause > pace.max || r.phase.offset < 0 || r.phase.offset >= cadence {
				t.Fatalf("step %d: pause %v of %v, phase %v", i, pause, pace, r.phase.offset)
			}
			now = now.Add(pause)
		}
	})
}
