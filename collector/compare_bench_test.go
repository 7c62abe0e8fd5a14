package collector

import (
	"math"
	"testing"
	"time"
)

// rivals are the bare minimum of a job on so many series, and what the program does.
type rivals struct {
	series     int
	bare, ours func(*testing.B)
}

// compare measures both, as two sub-benchmarks, and how many times as long the program
// takes where something happens before each turn.
func (r rivals) compare(b *testing.B, before func(ours bool)) {
	b.Helper()
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.bare(b)
		}
	})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.ours(b)
		}
	})
	r.ratio(b, "ratio", before)
}

// ratio is that of the fastest turns of many, for what else the machine does only ever
// makes one slower.
func (r rivals) ratio(b *testing.B, name string, before func(ours bool)) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		fastest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
		for b.Loop() {
			for i, job := range []func(*testing.B){r.bare, r.ours} {
				before(i == 1)
				began := time.Now()
				job(b)
				fastest[i] = min(fastest[i], time.Since(began))
			}
		}
		b.ReportMetric(float64(fastest[1])/float64(fastest[0]), "ratio")
		b.ReportMetric(fastest[0].Seconds()*1000, "bare-ms")
		b.ReportMetric(fastest[1].Seconds()*1000, "ours-ms")
		b.ReportMetric(float64(r.series), "series")
		b.ReportMetric(0, "ns/op")
	})
}

// nothing happens between two turns.
func nothing(bool) {}
