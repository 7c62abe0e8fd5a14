package collector

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// twelveSharers are phones of all kinds: quick and slow, even and uneven, with clocks
// that are off, and some that are often without network or without their sensor.
func twelveSharers() []*simulator.Person {
	since := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	people := []*simulator.Person{
		{Name: "g7"},
		{Name: "g7-odd", Quirks: true},
		{Name: "g7-quick", ShareDelay: 5 * time.Second, ShareJitter: time.Second},
		{Name: "g7-uneven", ShareDelay: 10 * time.Second, ShareJitter: 40 * time.Second},
		{Name: "g7-slow", ShareDelay: 4 * time.Minute, ShareJitter: 10 * time.Second},
		{Name: "g6", Sensor: simulator.G6},
		{Name: "g6-odd", Sensor: simulator.G6, Quirks: true, OldShare: true},
		{Name: "g6-minutes", Sensor: simulator.G6, ShareDelay: 2 * time.Minute, ShareJitter: 30 * time.Second},
		{Name: "ahead", ShareSkew: 2 * time.Minute},
		{Name: "behind", Sensor: simulator.OnePlus, ShareSkew: -2 * time.Minute},
		{Name: "offline", OfflineShare: 0.2},
		{Name: "away", Sensor: simulator.G6, AwayShare: 0.2, Quirks: true},
	}
	for i, p := range people {
		p.Seed, p.Since = uint64(600+i), since
	}
	return people
}

// promptness is how the polls of some people went.
type promptness struct {
	delays  []time.Duration // from publication to arrival, of what was published at once
	late    []time.Duration // of the rest
	hourly  []int           // requests for readings, in hours in which readings flow
	missing int
}

func (p promptness) String() string {
	return fmt.Sprintf("%d readings: median %v, p95 %v, longest %v; %d after an outage: median %v, longest %v; %.1f requests an hour, at most %d",
		len(p.delays), quantile(p.delays, .5), quantile(p.delays, .95), quantile(p.delays, 1),
		len(p.late), quantile(p.late, .5), quantile(p.late, 1), mean(p.hourly), slices.Max(p.hourly))
}

func (p promptness) with(other promptness) promptness {
	p.delays, p.late = slices.Concat(p.delays, other.delays), slices.Concat(p.late, other.late)
	p.hourly, p.missing = slices.Concat(p.hourly, other.hourly), p.missing+other.missing
	return p
}

func quantile(delays []time.Duration, q float64) time.Duration {
	if len(delays) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(delays))
	return sorted[int(q*float64(len(sorted)-1))].Round(100 * time.Millisecond)
}

func mean(numbers []int) float64 {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	return float64(sum) / float64(len(numbers))
}

// shareWeek follows a person on Share alone for a week.
func shareWeek(t *testing.T, p *simulator.Person) (found promptness, logins int) {
	t.Helper()
	cloud := simulator.New(p)
	w := socketless(cloud, cloud)
	c, stop := run(t, w.sharing(t, w.follow(p.Name)).onlyShare())
	start, reads := time.Now(), []int{0}
	for range 7 * 24 {
		time.Sleep(time.Hour)
		synctest.Wait()
		reads = append(reads, cloud.ShareCounts(p.Name).Reads)
	}
	stop()
	return judgePromptness(p, c.account(p.Name), start, reads), cloud.ShareCounts(p.Name).Logins
}

// judgePromptness compares the history with the truth. reads is how many requests
// there were by each hour since the start.
func judgePromptness(p *simulator.Person, a *account, start time.Time, reads []int) (found promptness) {
	arrived := map[int64]time.Time{}
	for _, r := range a.readings(start, time.Now()) {
		arrived[r.Time.Unix()] = r.Arrived
	}
	flowing := make([]int, len(reads)-1)
	for _, r := range p.ShareReadings(start, time.Now(), time.Now().Add(-10*time.Minute)) {
		at, there := arrived[r.Time.Unix()]
		delay := at.Add(time.Second).Sub(r.Published) // arrivals are cut to seconds
		switch atOnce := r.Published.Sub(r.Time).Abs() < cadence; {
		case r.Published.Before(start.Add(time.Hour)):
		case !there:
			found.missing++
		case atOnce:
			found.delays = append(found.delays, delay)
			flowing[int(r.Published.Sub(start)/time.Hour)]++
		default:
			found.late = append(found.late, delay)
		}
	}
	for hour, readings := range flowing {
		if readings >= 11 {
			found.hourly = append(found.hourly, reads[hour+1]-reads[hour])
		}
	}
	return found
}

// blindly is how a person's readings would come if they were asked for at times that
// have nothing to do with them.
func blindly(p *simulator.Person, start time.Time, every time.Duration) (found promptness) {
	for _, r := range p.ShareReadings(start, time.Now(), time.Now()) {
		if r.Published.Sub(r.Time).Abs() < cadence {
			found.delays = append(found.delays, every-r.Published.Sub(start)%every)
		}
	}
	found.hourly = []int{int(time.Hour / every)}
	return found
}

// The next reading is there soon after Dexcom has it, at the price of little more
// than a request a reading.
func TestAWeekOnShare(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	var mu sync.Mutex // guards all
	all := map[string]promptness{}
	t.Run("people", func(t *testing.T) {
		for _, p := range twelveSharers() {
			bubbleOf(t, p.Name, func(t *testing.T) {
				start := time.Now()
				found, logins := shareWeek(t, p)
				if quantile(found.delays, .5) > 30*time.Second || quantile(found.delays, .95) > 75*time.Second || quantile(found.delays, 1) > cadence+5*time.Second {
					t.Errorf("too slow: %v", found)
				}
				if mean(found.hourly) > 15 || logins > 2*7 || found.missing > 0 || len(found.delays) < 1500 {
					t.Errorf("%d logins, %d missing: %v", logins, found.missing, found)
				}
				t.Logf("%v, %d logins", found, logins)
				mu.Lock()
				defer mu.Unlock()
				for name, found := range map[string]promptness{
					"in step": found, "every 5 minutes": blindly(p, start, cadence), "every minute": blindly(p, start, time.Minute),
				} {
					all[name] = all[name].with(found)
				}
			})
		}
	})
	for name, found := range all {
		t.Logf("%-15s %v", name, found)
	}
	if found := all["in step"]; quantile(found.delays, .5) > 20*time.Second || quantile(found.late, .5) > cadence {
		t.Errorf("too slow: %v", found)
	}
}
