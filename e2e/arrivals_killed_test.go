package e2e

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// Wherever a kill hits, the state on the disk is that of before or that of after,
// and the next run counts what the state does not say was counted.
func TestKilledWhileReadingsArrive(t *testing.T) {
	t.Parallel()
	const kills, batch = 8, 5
	a := startArrivals(t)
	a.awaitPoll(t)
	before, lost := a.delivered(t), 0
	for range kills {
		arriving := a.next(batch)
		a.release(arriving)
		time.Sleep(rand.N(1300 * time.Millisecond)) // a poll comes every second
		a.stop(t, syscall.SIGKILL)
		after := a.delivered(t)
		if last := arriving[batch-1].SystemTime; !after.Equal(before) && !after.Equal(last) {
			t.Fatalf("delivered until %v on the disk, before the batch until %v, with it until %v", after, before, last)
		}
		left := slices.DeleteFunc(arriving, func(r simulator.Reading) bool { return !r.SystemTime.After(after) })
		lost += len(left)
		a.start(t)
		a.counted.add(left)
		a.await(t)
		before = a.delivered(t)
	}
	t.Logf("%d of %d batches were left to the next run", lost/batch, kills)
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
