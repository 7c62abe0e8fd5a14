package web

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// sensorOf says how long the sensor lasts, or how long the transmitter has been in
// use where that is another part; empty when nobody knows.
func sensorOf(s collector.Snapshot) string {
	const grace = 12 * time.Hour // as of SensorExpiry
	name := transmitterName(s.Transmitter)
	if expiry, known := s.SensorExpiry(); known {
		if left := expiry.Sub(s.Now); left > 0 {
			return name + " sensor ends in " + AgeInWords(left)
		}
		return name + " sensor ended " + ago(s.Now.Sub(expiry)) + "; the grace period ends " + in(expiry.Add(grace).Sub(s.Now))
	}
	switch {
	case s.Transmitter == dexcom.UnknownGeneration:
		return ""
	case s.Transmitter.SensorLife() > 0 || s.TransmitterStart.IsZero():
		return name
	}
	return name + " transmitter in use for " + AgeInWords(s.Now.Sub(s.TransmitterStart))
}

// transmitterName is how people know a generation.
func transmitterName(g dexcom.Generation) string {
	switch g {
	case dexcom.G4:
		return "G4"
	case dexcom.G5:
		return "G5"
	case dexcom.DexcomPro:
		return "Dexcom Pro"
	case dexcom.G6:
		return "G6"
	case dexcom.G6Plus:
		return "G6+"
	case dexcom.G6Pro:
		return "G6 Pro"
	case dexcom.G7:
		return "G7"
	case dexcom.G7FifteenDay:
		return "G7 15 Day"
	case dexcom.OnePlus:
		return "ONE+"
	}
	return "unknown"
}
