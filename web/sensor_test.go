package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestSensor(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		generation dexcom.Generation
		inUse      time.Duration // negative: not known
		want       string
	}{
		{dexcom.UnknownGeneration, -1, ""},
		{dexcom.UnknownGeneration, day, ""},
		{dexcom.G7, -1, "G7"},
		{dexcom.G7, 6*day + 20*time.Hour, "G7 sensor ends in 3 days 4 h"},
		{dexcom.G7, 10*day - 30*time.Minute, "G7 sensor ends in 30 min"},
		{dexcom.G7, 10*day + 3*time.Hour, "G7 sensor ended 3 h 0 min ago; the grace period ends in 9 h 0 min"},
		{dexcom.G7, 10*day + 12*time.Hour, "G7 sensor ended 12 h 0 min ago; the grace period ends in 0 min"},
		{dexcom.G7, 10*day + 11*time.Hour + time.Second, "G7 sensor ended 11 h 0 min ago; the grace period ends in 1 h 0 min"},
		{dexcom.G7, 11 * day, "G7"},
		{dexcom.G7FifteenDay, 11 * day, "G7 15 Day sensor ends in 4 days 0 h"},
		{dexcom.OnePlus, day, "ONE+ sensor ends in 9 days 0 h"},
		{dexcom.G6, 83*day + time.Hour, "G6 transmitter in use for 83 days 1 h"},
		{dexcom.G6Pro, -1, "G6 Pro"},
	} {
		s := collector.Snapshot{Standing: standing(100, 0), Transmitter: test.generation}
		if test.inUse >= 0 {
			s.TransmitterStart = s.Now.Add(-test.inUse)
		}
		if got := sensorOf(s); got != test.want {
			t.Errorf("%v for %v: %q, want %q", test.generation, test.inUse, got, test.want)
		}
	}
}

func TestEveryTransmitterHasAName(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for g := dexcom.G4; g <= dexcom.OnePlus; g++ {
		names[transmitterName(g)] = true
	}
	if len(names) != int(dexcom.OnePlus) || names["unknown"] || transmitterName(dexcom.OnePlus+1) != "unknown" {
		t.Errorf("%v", names)
	}
}
