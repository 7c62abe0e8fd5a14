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

// What is for some day waits for hours behind what is urgent, and does not give up.
func TestSomedayWaitsBehindWhatIsUrgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(60, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		polling, stop := context.WithCancel(t.Context())
		start, done := time.Now(), make(chan error, 1)
		go func() {
			for polling.Err() == nil {
				_ = l.wait(polling) // more than the budget has
			}
		}()
		synctest.Wait()
		go func() { done <- l.wait(Someday(t.Context())) }()
		time.Sleep(12 * time.Hour)
		stop()
		if err := <-done; err != nil || time.Since(start) < 12*time.Hour || time.Since(start) > 13*time.Hour {
			t.Errorf("%v after %v, want it to go once nobody polls", err, time.Since(start))
		}
	})
}
