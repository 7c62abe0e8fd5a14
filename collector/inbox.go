package collector

import (
	"cmp"
	"slices"
	"time"
)

// inbox is what one reader has of an account's outbox: the numbers of what it has not
// dealt with yet. The account is locked while it is used.
type inbox struct {
	account    *account
	generation int
	first      uint64   // number of the first sample that the outbox had
	next       uint64   // number of the first sample that was not taken yet
	waiting    []uint64 // in order of the samples' times
}

// take fetches what is new and drops what the outbox has no more. It tells whether
// what was taken before may not hold any more: then all is new; and whether there was news.
func (b *inbox) take(a *account) (anew, news bool) {
	box := &a.outbox
	if anew = b.account != a || b.generation != box.generation; anew {
		*b = inbox{account: a, generation: box.generation}
	}
	if b.first < box.first {
		b.first = box.first
		b.waiting = slices.DeleteFunc(b.waiting, func(number uint64) bool { return number < box.first })
	}
	if len(b.waiting) == 0 {
		b.waiting = nil // a first time takes hundreds
	}
	before := len(b.waiting)
	for b.next = max(b.next, box.first); b.next < min(box.open, box.end()); b.next++ {
		b.waiting = append(b.waiting, b.next)
	}
	if news = len(b.waiting) > before; news {
		slices.SortStableFunc(b.waiting, func(x, y uint64) int { return cmp.Compare(box.at(x).unixMilli, box.at(y).unixMilli) })
	}
	return anew, news
}

// due are the numbers of what waits and is past, oldest first.
func (b *inbox) due(now time.Time, limit int) []uint64 {
	end := 0
	for end < min(limit, len(b.waiting)) && b.account.outbox.at(b.waiting[end]).unixMilli <= now.UnixMilli() {
		end++
	}
	return slices.Clone(b.waiting[:end])
}
