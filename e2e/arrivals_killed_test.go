package e2e

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Wherever a kill hits, the state on the disk is that of before or that of after,
// and what arrived is counted once.
func TestKilledWhileReadingsArrive(t *testing.T) {
	t.Parallel()
	const kills, batch = 8, 5
	a := startArrivals(t)
	a.awaitPoll(t)
	before, lost := a.delivered(t), 0
	for range kills {
		arriving := a.next(batch)
		a.arrive(arriving)
		time.Sleep(rand.N(1300 * time.Millisecond)) // a poll comes every second
		a.stop(t, syscall.SIGKILL)
		after := a.delivered(t)
		switch last := arriving[batch-1].SystemTime; {
		case after.Equal(before):
			lost++
		case !after.Equal(last):
			t.Fatalf("delivered until %v on the disk, before the batch until %v, with it until %v", after, before, last)
		}
		a.start(t)
		a.await(t)
		before = a.delivered(t)
	}
	t.Logf("%d of %d batches were left to the next run", lost, kills)
}

// delivered is the time of the newest reading that the state file says was counted.
func (a *arrivals) delivered(t *testing.T) time.Time {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(a.stateDir, "alice.state.json"))
	var state struct{ Delivered time.Time }
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		t.Fatal(err)
	}
	return state.Delivered
}
