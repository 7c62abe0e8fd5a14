package simulator

import (
	"math/rand/v2"
	"slices"
)

// newestFirst turns the ascending records of an answer around. People with
// quirks get some of them twice, and some answers in any order. The start of
// the window decides.
func newestFirst[R any](p *Person, start millis, ascending []R) []R {
	records := make([]R, 0, len(ascending)) // never null
	for i, r := range ascending {
		records = append(records, r)
		if p.odd(forDuplicate, int64(start)+int64(i), 0.05) {
			records = append(records, r)
		}
	}
	slices.Reverse(records)
	if p.odd(forOrder, int64(start), 0.5) {
		order := rand.New(rand.NewPCG(p.Seed, uint64(start)))
		order.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	}
	return records
}
