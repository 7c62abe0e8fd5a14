package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// terminal is a person at the keyboard.
type terminal struct {
	lines chan string // closed at the end of the input
	out   io.Writer
}

// newTerminal begins to read. The goroutine ends with the input, or with ctx at the
// next line: a read from a terminal cannot be interrupted, and Ctrl-C must work all the
// same.
func newTerminal(ctx context.Context, in io.Reader, out io.Writer) *terminal {
	t := &terminal{lines: make(chan string), out: out}
	go func() {
		defer close(t.lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			select {
			case t.lines <- strings.TrimSpace(scanner.Text()):
			case <-ctx.Done(): // nobody asks any more
				return
			}
		}
	}()
	return t
}

// say prints a line.
func (t *terminal) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format+"\n", args...) // nobody reads it: no loss
}

// ask waits for a line.
func (t *terminal) ask(ctx context.Context) (string, error) {
	select {
	case line, more := <-t.lines:
		if !more {
			return "", errors.New("there is nobody to ask: the input has ended")
		}
		return line, nil
	case <-ctx.Done():
		return "", errors.New("interrupted: nothing has changed")
	}
}
