package dexcom

import "time"

// Generation is a kind of transmitter: Dexcom's transmitterGeneration refined
// by its transmitterGenerationVariant. The zero value is unknown.
type Generation uint8

// The generations in Dexcom's documents and in what clients have seen
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3).
const (
	UnknownGeneration Generation = iota
	G4
	G5
	DexcomPro
	G6
	G6Plus
	G6Pro
	G7
	G7FifteenDay
	OnePlus // Dexcom ONE+, "d1+"
)

// ParseGeneration reads the two fields as Dexcom spells them, without regard to
// case, spaces and underscores. The variant decides where it says more.
func ParseGeneration(generation, variant string) Generation {
	if g := parseGeneration(variant); g == G7FifteenDay || g == OnePlus {
		return g
	}
	return parseGeneration(generation)
}

func parseGeneration(name string) Generation {
	switch squeezed(name) {
	case "g4":
		return G4
	case "g5":
		return G5
	case "dexcompro":
		return DexcomPro
	case "g6":
		return G6
	case "g6+":
		return G6Plus
	case "g6pro":
		return G6Pro
	case "g7":
		return G7
	case "g715day":
		return G7FifteenDay
	case "d1+":
		return OnePlus
	}
	return UnknownGeneration
}

// String gives Dexcom's spelling, or "unknown".
func (g Generation) String() string {
	switch g {
	case G4:
		return "g4"
	case G5:
		return "g5"
	case DexcomPro:
		return "dexcomPro"
	case G6:
		return "g6"
	case G6Plus:
		return "g6+"
	case G6Pro:
		return "g6Pro"
	case G7:
		return "g7"
	case G7FifteenDay:
		return "g715day"
	case OnePlus:
		return "d1+"
	}
	return "unknown"
}

// SensorLife is how long a sensor lives where it is one piece with its
// transmitter, so that the transmitter's start is the sensor's: 10 days, or 15.
// The grace period of 12 hours is not part of it. For all others it is 0.
func (g Generation) SensorLife() time.Duration {
	const day = 24 * time.Hour
	switch g {
	case G7, OnePlus:
		return 10 * day
	case G7FifteenDay:
		return 15 * day
	}
	return 0
}
