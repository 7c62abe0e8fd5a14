package collector

import (
	"math"
	"testing"
	"time"
)

// compare measures the bare minimum of a job on so many series beside what the program
// does, as two sub-benchmarks, and then how many times as long the program takes: the
// fastest turn of each of many, for what else the machine does only ever makes one slower.
func compare(b *testing.B, series int, bare, ours func(*testing.B)) {
	b.Helper()
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bare(b)
		}
	})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ours(b)
		}
	})
	b.Run("ratio", func(b *testing.B) {
		fastest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
		for b.Loop() {
			for i, job := range []func(*testing.B){bare, ours} {
				began := time.Now()
				job(b)
				fastest[i] = min(fastest[i], time.Since(began))
			}
		}
		b.ReportMetric(float64(fastest[1])/float64(fastest[0]), "ratio")
		b.ReportMetric(fastest[0].Seconds()*1000, "bare-ms")
		b.ReportMetric(fastest[1].Seconds()*1000, "ours-ms")
		b.ReportMetric(float64(series), "series")
		b.ReportMetric(0, "ns/op")
	})
}
