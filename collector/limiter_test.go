package collector

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
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

// However many wait, each has its turn, and nobody's next call goes before another's first.
func TestNobodyIsPassedOver(t *testing.T) {
	t.Parallel()
	for _, u := range []urgency{urgent, next, soon, someday} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter(3600, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
			ctx, stop := context.WithCancel(queued(t.Context(), u, time.Now().Add(never)))
			var went [500]atomic.Int64
			for i := range went {
				go func() {
					for l.wait(ctx) == nil {
						went[i].Add(1)
					}
				}()
			}
			synctest.Wait()
			for i := range went {
				went[i].Store(0) // the burst went to who was there first
			}
			time.Sleep(4 * time.Hour)
			stop()
			synctest.Wait()
			least, most, all := went[0].Load(), went[0].Load(), int64(0)
			for i := range went {
				least, most, all = min(least, went[i].Load()), max(most, went[i].Load()), all+went[i].Load()
			}
			if most > least+1 || all < 4*3600-burst || all > 4*3600+burst {
				t.Errorf("urgency %d: %d to %d calls, %d in four hours of 3,600", u, least, most, all)
			}
		})
	}
}

// Calls for tokens go before a thousand polls that wait.
func TestTokensGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := NewCalls()
		calls.Limit(map[dexcom.Region]int{dexcom.US: 60})
		ctx, stop := context.WithCancel(t.Context())
		for range 1000 {
			go func() { _ = calls.Wait(dexcom.US)(ctx) }()
		}
		synctest.Wait()
		start := time.Now()
		if err := calls.WaitUrgently(dexcom.US)(queued(ctx, someday, start.Add(never))); err != nil || time.Since(start) > 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		stop()
	})
}

// What is less urgent gives up when its patience ends, also while others of its kind wait
// before it.
func TestPatienceEndsInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		for range burst {
			if err := l.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start, errs := time.Now(), make(chan error)
		for range 10 {
			go func() { errs <- l.wait(queued(t.Context(), soon, start.Add(time.Minute))) }()
		}
		for range 10 {
			if err := <-errs; !errors.Is(err, errBudget) {
				t.Errorf("%v, want %v", err, errBudget)
			}
		}
		if waited := time.Since(start); waited > 2*time.Minute {
			t.Errorf("gave up after %v", waited)
		}
	})
}

// However many calls that are less urgent wait, and whenever they look, they get only what
// the more urgent ones leave.
func TestTheLessUrgentTakeWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, u := range []urgency{urgent, next, soon} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter(54_000, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
			ctx, stop := context.WithCancel(t.Context())
			var went [someday + 1]atomic.Int64
			for i := range 200 {
				go func() {
					place := u + urgency((i+1)%2) // the less urgent first
					for l.wait(queued(ctx, place, time.Now().Add(never))) == nil {
						went[place].Add(1)
					}
				}()
			}
			time.Sleep(time.Hour)
			stop()
			synctest.Wait()
			if more, less := went[u].Load(), went[u+1].Load(); less > burst || more < 53_900 {
				t.Errorf("%d calls of urgency %d beside %d of the one before it", less, u+1, more)
			}
		})
	}
}
