package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// BenchmarkBackfill writes a quarter of a year of one person into a file: the command,
// its calls over HTTP, and the simulated Dexcom that answers them.
func BenchmarkBackfill(b *testing.B) {
	const day = 24 * time.Hour
	since := time.Now().Add(-100 * day)
	d := pretend(b, simulator.New(&simulator.Person{Name: "alice", Seed: 1, HoldBack: time.Hour, Since: since}))
	file := configured(b, configure(d.address, []string{us("alice")}))
	linkBefore(b, d, file, "alice")
	path := filepath.Join(b.TempDir(), "past.om")
	to := time.Now().Add(-day)
	args := []string{
		"backfill", "--config.file=" + file, "--output=" + path,
		"--from=" + to.Add(-90*day).Format(time.RFC3339), "--to=" + to.Format(time.RFC3339), "alice",
	}
	readings := 0
	for b.Loop() {
		var log lockedBuffer
		if status := run(b.Context(), args, strings.NewReader(""), io.Discard, &log); status != exitFine {
			b.Fatalf("status %d: %s", status, &log)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		if readings = bytes.Count(text, []byte("\ndexcom_egv_mg_dl{")); readings < 90*280 {
			b.Fatalf("%d readings in 90 days", readings)
		}
		_ = os.Remove(path)
	}
	b.ReportMetric(float64(readings)*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}
