package collector

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// callsIn counts how many calls of a region may go out in a time.
func callsIn(t *testing.T, c *Calls, region dexcom.Region, d time.Duration) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	wait := c.Wait(region)
	for n < 10_000 && wait(ctx) == nil {
		n++
	}
	time.Sleep(time.Until(deadline(ctx)))
	return n
}

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}

// limits gives the metric of the limits by region.
func limits(c *Calls) map[string]float64 {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.callsPerHour)
	families, _ := registry.Gather()
	all := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			all[metric.GetLabel()[0].GetValue()] = metric.GetGauge().GetValue()
		}
	}
	return all
}

func TestTheLimitOfCallsChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const unlimited = 10_000
		c := NewCalls()
		for _, step := range []struct {
			name   string
			limit  map[dexcom.Region]int
			us, eu int // calls that go out in an hour
			metric map[string]float64
		}{
			{"no limit", nil, unlimited, unlimited, map[string]float64{}},
			{"one region", map[dexcom.Region]int{dexcom.US: 100}, 120, unlimited, map[string]float64{"us": 100}},
			{"what was spent stays spent", map[dexcom.Region]int{dexcom.US: 100}, 100, unlimited, map[string]float64{"us": 100}},
			{"higher", map[dexcom.Region]int{dexcom.US: 300}, 300, unlimited, map[string]float64{"us": 300}},
			{"another one in addition", map[dexcom.Region]int{dexcom.US: 300, dexcom.EU: 50}, 300, 70, map[string]float64{"us": 300, "eu": 50}},
			{"lower", map[dexcom.Region]int{dexcom.US: 10, dexcom.EU: 50}, 10, 50, map[string]float64{"us": 10, "eu": 50}},
			{"one is gone", map[dexcom.Region]int{dexcom.EU: 50}, unlimited, 50, map[string]float64{"eu": 50}},
			{"it comes back", map[dexcom.Region]int{dexcom.US: 100, dexcom.EU: 50}, 120, 50, map[string]float64{"us": 100, "eu": 50}},
		} {
			c.Limit(step.limit)
			got := make(chan int)
			go func() { got <- callsIn(t, c, dexcom.EU, time.Hour) }()
			us := callsIn(t, c, dexcom.US, time.Hour)
			eu := <-got
			near := func(got, want int) bool { return got == want || got == want-1 || got == want+1 }
			if !near(us, step.us) || !near(eu, step.eu) {
				t.Errorf("%s: %d and %d calls in an hour, want %d and %d", step.name, us, eu, step.us, step.eu)
			}
			if got := limits(c); !maps.Equal(got, step.metric) {
				t.Errorf("%s: the metric says %v, want %v", step.name, got, step.metric)
			}
		}
	})
}

// A client keeps its limit's function for ever: it must see every change.
func TestALimitThatChangesWhileCallsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCalls()
		c.Limit(map[dexcom.Region]int{dexcom.US: 1})
		wait := c.Wait(dexcom.US)
		for range burst {
			if err := wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		go c.Limit(nil)
		time.Sleep(time.Second)
		start := time.Now()
		if err := wait(t.Context()); err != nil || time.Since(start) > 0 {
			t.Errorf("%v after %v, want no limit", err, time.Since(start))
		}
	})
}
