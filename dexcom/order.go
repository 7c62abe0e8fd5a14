package dexcom

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// oldestFirst sorts by the time of a record, and by its name where times are equal.
// Dexcom promises no order.
func oldestFirst[T any](records []T, of func(T) (time.Time, string)) {
	slices.SortStableFunc(records, func(a, b T) int {
		timeA, nameA := of(a)
		timeB, nameB := of(b)
		return cmp.Or(timeA.Compare(timeB), strings.Compare(nameA, nameB))
	})
}

// once keeps the first record of each key.
func once[T any, K comparable](records []T, key func(T) K) []T {
	known := make(map[K]bool, len(records))
	return slices.DeleteFunc(records, func(record T) bool {
		k := key(record)
		doubled := known[k]
		known[k] = true
		return doubled
	})
}
