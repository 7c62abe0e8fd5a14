package simulator

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// sharers are people who matter to Share.
func sharers(t testing.TB) []*Person {
	t.Helper()
	return append(people(t),
		&Person{Name: "old", Seed: 11, OldShare: true, Zone: zone(t, "America/Denver")},
		&Person{Name: "old odd", Seed: 12, Sensor: G6, OldShare: true, Quirks: true, Swing: 90},
		&Person{Name: "ahead", Seed: 13, ShareSkew: 2 * time.Minute, ShareDelay: time.Millisecond, ShareJitter: time.Millisecond},
		&Person{Name: "behind", Seed: 14, ShareSkew: -2 * time.Minute, Quirks: true, Zone: zone(t, "Asia/Kathmandu")},
	)
}

func eachSharer(t *testing.T, test func(t *testing.T, p *Person)) {
	t.Helper()
	for _, p := range sharers(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// later is long after everything was published.
func later() time.Time { return noon().AddDate(1, 0, 0) }

func TestShareReadingsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	eachSharer(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 12)
		whole := p.ShareReadings(from, to, later())
		twin := *p
		var parts []ShareReading
		for end := to; end.After(from); {
			start := end.Add(-7*time.Hour - 123*time.Millisecond)
			if start.Before(from) {
				start = from
			}
			parts = append(twin.ShareReadings(start, end, later()), parts...)
			end = start
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("%d readings at once, %d in parts from the end, or others", len(whole), len(parts))
		}
		if (len(whole) == 0) != (p.Display == Receiver) {
			t.Errorf("%d readings", len(whole))
		}
		var last time.Time
		for _, r := range whole {
			if r.Time.Sub(last) < 3*time.Minute || r.Time.Location() != time.UTC || r.Time.Nanosecond()%1e6 != 0 {
				t.Fatalf("%+v after %v", r, last)
			}
			last = r.Time
		}
	})
}

func TestShareReadingsWindowIsHalfOpen(t *testing.T) {
	t.Parallel()
	p := sharers(t)[8]
	for _, r := range p.ShareReadings(noon(), noon().Add(3*time.Hour), later()) {
		for _, x := range []struct {
			from, to, now time.Time
			want          int
		}{
			{r.Time, r.Time.Add(time.Nanosecond), later(), 1},
			{r.Time.Add(time.Nanosecond), r.Time.Add(time.Minute), later(), 0},
			{r.Time.Add(-time.Minute), r.Time, later(), 0},
			{r.Time, r.Time, later(), 0},
			{r.Time, r.Time.Add(time.Minute), r.Published, 1},
			{r.Time, r.Time.Add(time.Minute), r.Published.Add(-time.Nanosecond), 0},
		} {
			if got := p.ShareReadings(x.from, x.to, x.now); len(got) != x.want || x.want == 1 && got[0] != r {
				t.Errorf("%+v has %+v", x, got)
			}
		}
	}
}

// Share has exactly what the API has in the end, sooner.
func TestShareHasTheReadingsOfTheAPI(t *testing.T) {
	t.Parallel()
	eachSharer(t, func(t *testing.T, p *Person) {
		if p.Display == Receiver {
			return
		}
		from, to := noon(), noon().AddDate(0, 0, 8)
		shared := make(map[string]ShareReading)
		for _, r := range p.ShareReadings(from.Add(-time.Hour), to.Add(time.Hour), later()) {
			shared[r.RecordID] = r
		}
		least, most := p.shareSkew().duration(), p.shareSkew().duration()+time.Second
		if p.Quirks {
			most += time.Minute
		}
		sooner := 0
		readings := p.Readings(from, to)
		for _, want := range readings {
			got, ok := shared[want.RecordID]
			if off := got.Time.Sub(want.SystemTime); !ok || off < least || off > most {
				t.Fatalf("%+v is %+v in Share", want, got)
			}
			if got.Published.Before(want.Available) {
				sooner++
			}
			if p.Sensor != G6 && got.Value != want.Value {
				t.Fatalf("%+v is %+v in Share", want, got)
			}
		}
		if p.HoldBack > 0 && sooner != len(readings) {
			t.Errorf("only %d of %d are sooner", sooner, len(readings))
		}
	})
}

func TestShareShowsWhatAG6Showed(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 2, Sensor: G6, Swing: 95}
	from, to := noon(), noon().AddDate(0, 0, 10)
	realtime := make(map[string]int)
	for _, r := range p.V2Readings(from, to, later()) {
		realtime[r.RecordID] = r.Realtime
	}
	values := make(map[int]int)
	for _, r := range p.ShareReadings(from.Add(time.Minute), to.Add(-time.Minute), later()) {
		if r.Value != realtime[r.RecordID] {
			t.Fatalf("%+v, the display showed %d", r, realtime[r.RecordID])
		}
		values[r.Value]++
	}
	if len(values) < 200 || values[Low] == 0 || values[High] == 0 {
		t.Errorf("%d values, %d LOW, %d HIGH", len(values), values[Low], values[High])
	}
}

func TestShareDelays(t *testing.T) {
	t.Parallel()
	shares := make(map[time.Duration]bool)
	for seed := range uint64(40) {
		for _, x := range []struct {
			p           *Person
			least, most time.Duration
		}{
			{&Person{Seed: seed}, 10 * time.Second, 30 * time.Second},
			{&Person{Seed: seed, Sensor: OnePlus, Rhythm: Hourly}, 10 * time.Second, 30 * time.Second},
			{&Person{Seed: seed, Sensor: G6, Rhythm: Hourly}, 5 * time.Second, 65 * time.Second},
			{&Person{Seed: seed, ShareDelay: 40 * time.Second, ShareJitter: 2 * time.Second}, 40 * time.Second, 42 * time.Second},
		} {
			// The true time is the API's, which these people have whole.
			times := make(map[string]time.Time)
			for _, r := range x.p.Readings(noon(), noon().Add(13*time.Hour)) {
				times[r.RecordID] = r.SystemTime
			}
			least, most := time.Hour, time.Duration(0)
			for _, r := range x.p.ShareReadings(noon().Add(time.Minute), noon().Add(12*time.Hour), later()) {
				delay := r.Published.Sub(times[r.RecordID])
				least, most = min(least, delay), max(most, delay)
			}
			if least < x.least || most > x.most || least == most {
				t.Errorf("seed %d, %s: %v to %v", seed, x.p.Sensor, least, most)
			}
			shares[least.Truncate(time.Second)] = true
		}
	}
	if len(shares) < 20 {
		t.Errorf("all people are alike: %v", shares)
	}
}

func TestShareSkews(t *testing.T) {
	t.Parallel()
	seen := make(map[time.Duration]bool)
	ahead := 0
	for seed := range uint64(50) {
		skew := (&Person{Seed: seed}).shareSkew().duration()
		if skew < -2*time.Second || skew > 2*time.Second {
			t.Errorf("seed %d: %v", seed, skew)
		}
		seen[skew] = true
		if skew > 0 {
			ahead++
		}
	}
	if len(seen) < 45 || ahead < 15 || ahead > 35 {
		t.Errorf("%d skews of 50 people, %d ahead", len(seen), ahead)
	}
}

func TestAPhoneWithoutNetworkPublishesWhenItIsBack(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 22, OfflineShare: 0.3}
	backlogs := make(map[time.Time]int)
	for _, r := range p.ShareReadings(noon(), noon().AddDate(0, 0, 20), later()) {
		if _, off := p.offline().at(floor(r.Published)); off {
			t.Fatalf("published without network: %+v", r)
		}
		if r.Published.Sub(r.Time) > time.Minute {
			backlogs[r.Published]++
		}
	}
	if len(backlogs) < 15 {
		t.Errorf("%d outages in 20 days", len(backlogs))
	}
	for at, n := range backlogs {
		if _, off := p.offline().at(floor(at) - 1); !off || n > 12*12+1 {
			t.Errorf("%d readings at %v", n, at)
		}
	}
}

func TestBackFilledReadingsArePublishedTogether(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 23, AwayShare: 0.15}
	batches, sizes := make(map[millis]time.Time), make(map[millis]int)
	for _, r := range p.ShareReadings(noon(), noon().AddDate(0, 0, 30), later()) {
		if r.Published.Sub(r.Time) < time.Minute {
			continue
		}
		apart, ok := p.away().at(floor(r.Published) - 31*second)
		delay := floor(r.Published) - apart.to
		if !ok || delay < 10*second || delay > 30*second {
			t.Fatalf("%+v, away until %v", r, apart.to.time())
		}
		if at, another := batches[apart.to]; another && !at.Equal(r.Published) {
			t.Fatalf("%+v, others at %v", r, at)
		}
		batches[apart.to] = r.Published
		sizes[apart.to]++
	}
	if len(batches) < 5 || slices.Max(slices.Collect(maps.Values(sizes))) < 50 {
		t.Errorf("batches are %v", sizes)
	}
}

// The API may leave out the seconds of a time, Share never does.
func TestShareKeepsTheGrid(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 24, Quirks: true}
	readings := p.ShareReadings(noon(), noon().AddDate(0, 0, 5), later())
	for i, r := range readings[1:] {
		step := r.Time.Sub(readings[i].Time)
		if off := (step + 4*time.Second) % (5 * time.Minute); off > 8*time.Second && step < time.Hour {
			t.Fatalf("%v after %v", r.Time, readings[i].Time)
		}
	}
	if len(readings) < 1000 {
		t.Errorf("%d readings", len(readings))
	}
}

func TestNothingIsSharedBeforeSince(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 4, Since: noon()}
	readings := p.ShareReadings(noon().AddDate(-50, 0, 0), noon().AddDate(0, 0, 12), later())
	if len(readings) == 0 || readings[0].Time.Before(noon().Add(-2*time.Second)) {
		t.Errorf("%d readings", len(readings))
	}
	if got := new(Person).ShareReadings(time.Unix(0, 0), time.Unix(1e8, 0), later()); got != nil {
		t.Errorf("%d readings in 1970", len(got))
	}
}
