package e2e

import (
	"testing"
	"time"
)

// patience is how long a test waits for what should come at once: a busy machine
// needs it.
const patience = 30 * time.Second

// eventually asks until there is no error, and fails with the last one when
// patience ends.
func eventually(t *testing.T, ask func() error) {
	t.Helper()
	eventuallyWithin(t, patience, ask)
}

// eventuallyWithin is for what takes a time of its own.
func eventuallyWithin(t *testing.T, patience time.Duration, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still after %v: %v", patience, err)
		}
		time.Sleep(25 * time.Millisecond) // asking must not keep a core busy
	}
}
