package collector

import (
	"math/rand/v2"
	"time"
)

// weather is what goes wrong in an hour beside the calls that fail anyway.
type weather struct {
	outage bool          // every call fails
	disk   string        // "", "full" or "read-only"
	ahead  time.Duration // of Dexcom's clock before ours
}

// weatherAt is the weather of a moment: in each twelve hours an hour of outage, one
// with a disk that takes nothing, and one with a wrong clock.
func (o orders) weatherAt(now time.Time) weather {
	hour := int(now.Sub(o.Start) / time.Hour)
	half := hour / 12
	hours := rand.New(rand.NewPCG(o.Seed, uint64(half))).Perm(12)
	even := half%2 == 0
	w := weather{}
	switch hour % 12 {
	case hours[0]:
		w.outage = true
	case hours[1]:
		if w.disk = "full"; even {
			w.disk = "read-only"
		}
	case hours[2]:
		if w.ahead = time.Hour; even {
			w.ahead = -time.Hour
		}
	}
	if o.Calm {
		return weather{}
	}
	return w
}
