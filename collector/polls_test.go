package collector

import (
	"slices"
	"testing"
)

// polled is how many polls of an account's source ended in one way.
func (c *Collector) polled(account, source, result string) uint64 {
	s, _ := c.Snapshot(account)
	status, _ := s.Source(source)
	return status.polls[slices.Index(results(), result)]
}

func TestEveryResultHasItsPlace(t *testing.T) {
	t.Parallel()
	var p polls
	if len(results()) != len(p) {
		t.Fatalf("%d results, and room for %d", len(results()), len(p))
	}
	for i, result := range results() {
		for range i {
			p.count(result)
		}
	}
	p.count("none of them")
	if want := (polls{0, 1, 2, 3, 4, 5, 6, 7}); p != want {
		t.Errorf("counted %v, want %v", p, want)
	}
}
