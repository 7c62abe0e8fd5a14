package simulator

import "time"

// v2Window is the longest stretch that one v2 request may ask for
// (developer.dexcom.com/docs/dexcomv2/endpoint-overview).
const v2Window = 90 * 24 * time.Hour

// v2Covers tells whether version 2 has data of the person: it knows no sensor
// after the G6 (developer.dexcom.com/docs/dexcomv3/endpoint-overview).
func (p *Person) v2Covers() bool { return p.Sensor == G5 || p.Sensor == G6 }
