package collector

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestLimiterGivesUpOnWhatIsNotUrgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		for range burst {
			if err := l.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if err := l.wait(queued(t.Context(), someday, start.Add(time.Minute))); !errors.Is(err, errBudget) || time.Since(start) > 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := l.wait(t.Context()); err != nil || time.Since(start) < 50*time.Minute {
			t.Errorf("an urgent call: %v after %v, want it to wait its turn", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.wait(ctx); err == nil {
			t.Error("a call outlived its context")
		}
	})
}
