package collector

import (
	"context"
	"sync/atomic"
	"time"
)

// start lets the newest readings of every account come before anybody's devices
// and history.
type start struct {
	left atomic.Int64  // accounts that had neither an answer nor a failure yet
	done chan struct{} // closed when none is left
}

func newStart(accounts int) *start {
	s := &start{done: make(chan struct{})}
	s.left.Store(int64(accounts))
	return s
}

// arrived counts an account's first answer or failure.
func (s *start) arrived() {
	if s.left.Add(-1) == 0 {
		close(s.done)
	}
}

// over waits for all accounts, but not past the limit, and tells whether they
// have arrived.
func (s *start) over(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
