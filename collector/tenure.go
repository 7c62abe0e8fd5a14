package collector

import (
	"context"
	"sync"
)

// tenure is how long a poller is wanted. It may end before the poller begins. It is
// safe for concurrent use.
type tenure struct {
	mu     sync.Mutex // guards what follows
	over   bool
	cancel context.CancelFunc
}

// begin gives what ends the work; it is false when the work must not begin.
func (t *tenure) begin(cancel context.CancelFunc) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cancel = cancel
	return !t.over
}

// end ends the work, now or before it begins.
func (t *tenure) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.cancel != nil {
		t.cancel()
	}
}
