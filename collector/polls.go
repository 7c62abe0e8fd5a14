package collector

import (
	"slices"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// results are how a poll may end.
func results() []string { return append(dexcom.Reasons(), resultOK) }

// polls are how many polls ended in each way, in the order of [results].
type polls [8]uint64

func (p *polls) count(result string) {
	if i := slices.Index(results(), result); i >= 0 {
		p[i]++
	}
}
