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

// What is for some day waits for hours behind what is urgent, does not give up, and has
// its turn.
func TestSomedayWaitsBehindWhatIsUrgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(60, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		polling, stop := context.WithCancel(t.Context())
		go func() {
			for polling.Err() == nil {
				_ = l.wait(polling) // more than the budget has
			}
		}()
		synctest.Wait()
		const calls = 24
		start, done := time.Now(), make(chan error, calls)
		for range calls {
			go func() { done <- l.wait(Someday(t.Context())) }()
		}
		for i := range calls {
			turn := time.Duration(i+1) * assured * time.Minute
			select {
			case err := <-done:
				if err != nil || time.Since(start) < turn-assured*time.Minute {
					t.Errorf("call %d: %v after %v, want it to go after %v", i+1, err, time.Since(start), turn)
				}
			case <-time.After(time.Until(start.Add(turn + 5*time.Minute))):
				t.Errorf("call %d did not go within %v", i+1, time.Since(start))
			}
		}
		stop()
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

// However many calls of a kind wait, and whenever they look, of twenty calls they have one
// in any case, and not more while a more urgent kind takes all: from the first minute
// after a change of the limit.
func TestTheLessUrgentHaveOneOfTwenty(t *testing.T) {
	t.Parallel()
	for _, before := range []int{6_000, 18_000, 54_000} {
		for _, u := range []urgency{urgent, next, soon} {
			synctest.Test(t, func(t *testing.T) {
				const now = 18_000
				l := newLimiter(before, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
				ctx, stop := context.WithCancel(t.Context())
				went := crowdAt(ctx, l, u, u+1)
				time.Sleep(10 * time.Minute)
				l.set(now)
				for _, length := range []time.Duration{time.Minute, time.Hour} {
					more, less := -went[u].Load(), -went[u+1].Load()
					time.Sleep(length)
					more, less = more+went[u].Load(), less+went[u+1].Load()
					all := int64(now * length / time.Hour)
					if less < all/assured-1 || less > all/assured+all/1000+1 || more+less < all-2 || more+less > all+2 {
						t.Errorf("after %d an hour: of %d calls in %v, %d of urgency %d beside %d of the one before it", before, all, length, less, u+1, more)
					}
				}
				stop()
				synctest.Wait()
			})
		}
	}
}

// So it is with all kinds at once.
func TestEveryKindHasOneOfTwenty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(18_000, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		ctx, stop := context.WithCancel(t.Context())
		went := crowdAt(ctx, l, someday, soon, next, urgent)
		time.Sleep(time.Hour)
		stop()
		synctest.Wait()
		for _, u := range []urgency{next, soon, someday} {
			if got := went[u].Load(); got < 18_000/assured-burst || got > 18_000/assured+burst {
				t.Errorf("%d calls of urgency %d, want one of %d of 18,000", got, u, assured)
			}
		}
	})
}

// crowdAt has a hundred callers of each urgency ask again and again, and counts their calls.
func crowdAt(ctx context.Context, l *limiter, urgencies ...urgency) *[someday + 1]atomic.Int64 {
	var went [someday + 1]atomic.Int64
	for range 100 {
		for _, u := range urgencies {
			go func() {
				for l.wait(queued(ctx, u, time.Now().Add(never))) == nil {
					went[u].Add(1)
				}
			}()
		}
	}
	return &went
}
