package dexcom

import "time"

// Version is a version of the official API: a segment of its paths and the shape
// of its bodies.
type Version string

const (
	// V3 covers every current device in all regions
	// (developer.dexcom.com/docs/dexcomv3/endpoint-overview).
	V3 Version = "v3"
	// V2 covers G5 and G6 in the United States and the sandbox
	// (developer.dexcom.com/docs/dexcomv2/endpoint-overview).
	V2 Version = "v2"
)

// HoldBack is how long Dexcom keeps what a phone uploads to itself: an hour for version
// 3 in the United States, three elsewhere and for version 2 (clients,
// developer.dexcom.com/docs/dexcomv2/endpoint-overview). Uploads of a receiver it does
// not hold back.
func (v Version) HoldBack(region Region) time.Duration {
	if v == V3 && (region == US || region == Sandbox) {
		return time.Hour
	}
	return 3 * time.Hour
}

// maxWindow is the longest time that one request may ask for: 90 days in version 2
// (developer.dexcom.com/docs/dexcomv2/endpoint-overview), 30 days in version 3
// (clients, "per Dexcom documentation").
func (v Version) maxWindow() time.Duration {
	const day = 24 * time.Hour
	if v == V2 {
		return 90 * day
	}
	return 30 * day
}

// listKey is where an endpoint's records are: version 2 names the list after the
// endpoint, version 3 has one envelope for all.
func (v Version) listKey(endpoint string) string {
	if v == V2 {
		return endpoint
	}
	return "records"
}
