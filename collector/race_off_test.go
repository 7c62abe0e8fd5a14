//go:build !race

package collector

// underRace says that the race detector watches.
const underRace = false
