package collector

import (
	"context"
	"sync/atomic"
	"time"
)

// start lets the newest readings of every account of an app come before anybody's
// devices and history.
type start struct {
	left atomic.Int64  // accounts that had neither an answer nor a failure yet
	done chan struct{} // closed when none is left
}

// longestStart is how long the others wait for a slow account.
const longestStart = 2 * time.Minute

func newStart() *start { return &start{done: make(chan struct{})} }

// expect adds an account, before any arrives.
func (s *start) expect() { s.left.Add(1) }

// arrived counts an account's first answer or failure.
func (s *start) arrived() {
	if s.left.Add(-1) == 0 {
		close(s.done)
	}
}

// wait returns when all accounts have arrived, the longest start is over, or ctx
// is done.
func (s *start) wait(ctx context.Context) {
	timer := time.NewTimer(longestStart)
	defer timer.Stop()
	select {
	case <-s.done:
	case <-timer.C:
	case <-ctx.Done():
	}
}
