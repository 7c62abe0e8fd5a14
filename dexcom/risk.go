package dexcom

import "strings"

// Risk is Dexcom's word for how likely low glucose is. The zero value is unknown.
type Risk uint8

// The risks (developer.dexcom.com/post-statistics).
const (
	UnknownRisk Risk = iota
	MinimalRisk
	LowRisk
	ModerateRisk
	HighRisk
)

// Level places the risk on a scale from 0 (minimal) to 3 (high). It is false when
// the risk is unknown.
func (r Risk) Level() (int, bool) {
	if r < MinimalRisk || r > HighRisk {
		return 0, false
	}
	return int(r - MinimalRisk), true
}

// parseRisk reads a risk without regard to case.
func parseRisk(name string) Risk {
	switch strings.ToLower(name) {
	case "minimal":
		return MinimalRisk
	case "low":
		return LowRisk
	case "moderate":
		return ModerateRisk
	case "high":
		return HighRisk
	}
	return UnknownRisk
}
