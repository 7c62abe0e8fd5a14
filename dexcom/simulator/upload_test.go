package simulator

import (
	"testing"
	"time"
)

func TestUploadsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		var last Reading
		batches := make(map[time.Time]time.Time)
		for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 40)) {
			if r.Uploaded.Before(r.SystemTime) {
				t.Fatalf("uploaded at %v what is of %v", r.Uploaded, r.SystemTime)
			}
			if r.Available.Before(r.Uploaded.Add(p.HoldBack)) || r.Available.After(r.Uploaded.Add(p.HoldBack+time.Minute)) {
				t.Fatalf("uploaded %v, available %v, held back %v", r.Uploaded, r.Available, p.HoldBack)
			}
			if r.Uploaded.Before(last.Uploaded) || r.Available.Before(last.Available) {
				t.Fatalf("%v came before %v", r, last)
			}
			if at, ok := batches[r.Uploaded]; ok && !at.Equal(r.Available) {
				t.Fatalf("one upload became available at %v and %v", at, r.Available)
			}
			batches[r.Uploaded] = r.Available
			last = r
		}
	})
}

func TestRhythms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rhythm            Rhythm
		soonest, latest   time.Duration // from reading to upload
		fewest, most, per int           // readings in an upload
	}{
		{EveryFiveMinutes, 10 * time.Second, time.Minute, 1, 1, 1},
		{Hourly, 0, 69 * time.Minute, 1, 14, 11},
		{EveryTenDays, 0, 252 * time.Hour, 2400, 3050, 2750},
	} {
		p := &Person{Seed: 21, Rhythm: c.rhythm}
		batches := make(map[time.Time]int)
		readings := p.Readings(noon(), noon().AddDate(0, 0, 60))
		for _, r := range readings {
			delay := r.Uploaded.Sub(r.SystemTime)
			if delay < c.soonest || delay > c.latest {
				t.Fatalf("rhythm %d: uploaded after %v", c.rhythm, delay)
			}
			batches[r.Uploaded]++
		}
		if per := len(readings) / len(batches); per < c.per*8/10 || per > c.per {
			t.Errorf("rhythm %d: %d readings in %d uploads", c.rhythm, len(readings), len(batches))
		}
		for at, n := range batches {
			edge := at.Before(noon().AddDate(0, 0, 11)) || at.After(noon().AddDate(0, 0, 49))
			if n > c.most || n < c.fewest && !edge {
				t.Errorf("rhythm %d: %d readings at %v", c.rhythm, n, at)
			}
		}
	}
}

func TestOfflinePhoneUploadsWhenItIsBack(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 22, OfflineShare: 0.3}
	backlogs := make(map[millis]int)
	for _, r := range p.Readings(noon(), noon().AddDate(0, 0, 20)) {
		sent := floor(r.Uploaded)
		if _, off := p.offline().at(sent); off {
			t.Fatalf("uploaded at %v without network", r.Uploaded)
		}
		if outage, off := p.offline().at(p.turn(floor(r.SystemTime))); off {
			if sent != outage.to {
				t.Fatalf("back at %v, uploaded at %v", outage.to.time(), r.Uploaded)
			}
			backlogs[sent]++
		}
	}
	if len(backlogs) < 15 {
		t.Errorf("%d outages in 20 days", len(backlogs))
	}
	for at, n := range backlogs {
		if n > 12*12+1 {
			t.Errorf("%d readings at the end of the outage at %v", n, at.time())
		}
	}
}

func TestAwayReadingsAreBackFilledAsFarAsTheSensorRemembers(t *testing.T) {
	t.Parallel()
	for sensor, memory := range map[Sensor]time.Duration{G6: 3 * time.Hour, G7: 24 * time.Hour} {
		p := &Person{Seed: 23, Sensor: sensor, AwayShare: 0.15}
		full, short := 0, 0
		for n := millis(13000); n < 13300; n++ {
			apart, ok := p.away().in(n)
			if !ok {
				continue
			}
			kept := p.Readings(apart.from.time(), apart.to.time())
			for _, r := range kept {
				if age := apart.to.time().Sub(r.SystemTime); age > memory {
					t.Fatalf("%s: a reading %v old was back-filled", sensor, age)
				}
				if r.Uploaded.Before(apart.to.time()) {
					t.Fatalf("%s: uploaded at %v while away until %v", sensor, r.Uploaded, apart.to.time())
				}
			}
			if length := apart.to - apart.from; length.duration() > memory {
				short++
			} else if len(kept) > 0 {
				full++
			}
		}
		if full < 5 || short < 5 {
			t.Errorf("%s: %d spells within the memory and %d beyond", sensor, full, short)
		}
	}
}

// Whoever asks again and again for the last days misses nothing, sees nothing
// early and never loses what was there.
func TestPollingSeesEachReadingOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		from, to, back := noon(), noon().AddDate(0, 0, 31), 4
		if p.Rhythm == EveryTenDays {
			back = 13
		}
		seen := make(map[string]Reading)
		for now := from; now.Before(to.AddDate(0, 0, 13)); now = now.Add(14 * time.Hour) {
			start := now.AddDate(0, 0, -back)
			if start.Before(from) {
				start = from
			}
			end := now
			if end.After(to) {
				end = to
			}
			for _, r := range p.AvailableReadings(start, end, now) {
				if r.Available.After(now) {
					t.Fatalf("at %v there is already %+v", now, r)
				}
				if before, ok := seen[r.RecordID]; ok && before != r {
					t.Fatalf("%+v became %+v", before, r)
				}
				seen[r.RecordID] = r
			}
		}
		truth := p.Readings(from, to)
		for _, r := range truth {
			if seen[r.RecordID] != r {
				t.Fatalf("never seen: %+v", r)
			}
		}
		if len(seen) != len(truth) {
			t.Errorf("saw %d readings of %d", len(seen), len(truth))
		}
	})
}

func TestAvailableFromThatInstantOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		for _, r := range p.Readings(noon(), noon().Add(6*time.Hour)) {
			from, to := r.SystemTime, r.SystemTime.Add(time.Second)
			if n := len(p.AvailableReadings(from, to, r.Available.Add(-time.Nanosecond))); n != 0 {
				t.Fatalf("%+v was there before", r)
			}
			if got := p.AvailableReadings(from, to, r.Available); len(got) != 1 || got[0] != r {
				t.Fatalf("%+v was not there in time", r)
			}
		}
	})
}

func TestLastUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *Person) {
		truth := p.Readings(noon().AddDate(0, 0, -30), noon().AddDate(0, 0, 15))
		for now := noon(); now.Before(noon().AddDate(0, 0, 15)); now = now.Add(197 * time.Minute) {
			var want time.Time
			for _, r := range truth {
				if r.Uploaded.After(want) && !r.Uploaded.After(now) {
					want = r.Uploaded
				}
			}
			got, ok := p.LastUpload(now)
			if !ok || !got.Equal(want) {
				t.Fatalf("at %v: %v, %v, want %v", now, got, ok, want)
			}
		}
	})
}

func BenchmarkLastUpload(b *testing.B) {
	p := &Person{Seed: 1, Rhythm: EveryTenDays}
	for b.Loop() {
		p.LastUpload(noon())
	}
}
