package collector

import (
	"slices"
	"time"
)

// inbox is what one reader took from an account's outbox and has not dealt with yet.
type inbox struct {
	account    *account
	generation int
	next       uint64   // number of the first sample that was not taken yet
	waiting    []Sample // oldest first
}

// take fetches what is new. It tells whether what was taken before holds no more.
func (b *inbox) take(a *account) (anew bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if anew = b.account != a || b.generation != a.outbox.generation; anew {
		*b = inbox{account: a, generation: a.outbox.generation}
	}
	var fresh []Sample
	fresh, b.next = a.outbox.since(b.next)
	if len(fresh) > 0 {
		b.waiting = append(b.waiting, fresh...)
		slices.SortStableFunc(b.waiting, func(a, b Sample) int { return a.Time.Compare(b.Time) })
	}
	return anew
}

// due copies what waits and is past, oldest first.
func (b *inbox) due(now time.Time, limit int) []Sample {
	end := 0
	for end < min(limit, len(b.waiting)) && !b.waiting[end].Time.After(now) {
		end++
	}
	return slices.Clone(b.waiting[:end])
}
