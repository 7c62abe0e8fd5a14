package config

import (
	"cmp"
	"fmt"
	"slices"
)

// fault is one thing wrong in the file. Its text never contains the value found there.
type fault struct {
	file string
	line int
	// path is the YAML path, as in accounts[1].name; empty means the file as a whole.
	path string
	err  error
	// missing is set for what is not there, unknown for keys that nobody knows.
	missing, unknown bool
}

// Error returns one line: the place, then the cause.
func (f *fault) Error() string {
	if f.path == "" {
		return fmt.Sprintf("%s:%d: %v", f.file, f.line, f.err)
	}
	return fmt.Sprintf("%s:%d: %s: %v", f.file, f.line, f.path, f.err)
}

// Unwrap returns the cause without its place.
func (f *fault) Unwrap() error {
	return f.err
}

// document is a file while it is read. Reading goes on after a fault, so that the first one by line can be reported.
type document struct {
	file   string
	faults []*fault
	// nodes counts what was read, aliases as often as they are used.
	nodes int
}

// err returns the first fault by line, or nil. Where something is missing, a key that nobody knows goes first: it may be
// what is missing, misspelt.
func (d *document) err() error {
	if len(d.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(d.faults, func(a, b *fault) int { return cmp.Compare(a.line, b.line) })
	if i := slices.IndexFunc(d.faults, func(f *fault) bool { return f.unknown }); i > 0 && d.faults[0].missing {
		return d.faults[i]
	}
	return d.faults[0]
}
