package collector

import (
	"fmt"
	"net/http"
	"slices"
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
	logins  int
	missing int
}

func (p promptness) String() string {
	return fmt.Sprintf("%d readings: delay median %v, p95 %v, longest %v; %d after an outage: median %v, p95 %v; %.1f requests an hour, at most %d; %d logins",
		len(p.delays), quantile(p.delays, .5), quantile(p.delays, .95), quantile(p.delays, 1),
		len(p.late), quantile(p.late, .5), quantile(p.late, .95), mean(p.hourly), slices.Max(p.hourly), p.logins)
}

func (p promptness) with(other promptness) promptness {
	p.delays, p.late = slices.Concat(p.delays, other.delays), slices.Concat(p.late, other.late)
	p.hourly, p.logins, p.missing = slices.Concat(p.hourly, other.hourly), max(p.logins, other.logins), p.missing+other.missing
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

// shareWeek follows people on Share alone for a week.
func shareWeek(t *testing.T, people []*simulator.Person, change func(*setup)) map[string]promptness {
	t.Helper()
	cloud := simulator.New(people...)
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	w := socketless(cloud, cloud)
	config := w.sharing(t, w.follow(names...)).onlyShare()
	change(&config)
	c, stop := run(t, config)
	start, reads := time.Now(), map[string][]int{}
	for range 7 * 24 {
		for _, name := range names {
			reads[name] = append(reads[name], cloud.ShareCounts(name).Reads)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
	}
	stop()
	found := map[string]promptness{}
	for _, p := range people {
		reads := append(reads[p.Name], cloud.ShareCounts(p.Name).Reads)
		found[p.Name] = judgePromptness(p, c.account(p.Name), start, reads)
		found[p.Name] = found[p.Name].with(promptness{logins: cloud.ShareCounts(p.Name).Logins})
	}
	return found
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

// The next reading is there soon after Dexcom has it, at the price of little more
// than a request a reading.
func TestAWeekOnShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		people, all := twelveSharers(), promptness{}
		for name, found := range shareWeek(t, people, func(*setup) {}) {
			t.Logf("%-11s %v", name, found)
			all = all.with(found)
		}
		t.Logf("all         %v", all)
	})
}

var _ http.RoundTripper
