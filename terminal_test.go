package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// What nobody asks for keeps nothing waiting: a bubble ends with its last goroutine.
func TestATerminalThatIsAskedNoMoreEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		terminal := newTerminal(ctx, strings.NewReader(" one \ntwo\nthree\n"), io.Discard)
		if line, err := terminal.ask(ctx); line != "one" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		synctest.Wait() // two waits for a question
		cancel()
		synctest.Wait()
		if _, err := terminal.ask(t.Context()); err == nil || !strings.Contains(err.Error(), "the input has ended") {
			t.Errorf("it goes on: %v", err)
		}
	})
}
