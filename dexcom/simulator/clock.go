package simulator

import "time"

// SetClock sets the cloud's clock ahead of time.Now, or behind by a negative d: to
// a client the cloud is right, and its own clock wrong by as much the other way.
// What the cloud had told stays told; what it would tell follows the new clock. Dates in
// Retry-After and the limits of calls do not.
func (c *Cloud) SetClock(ahead time.Duration) { c.ahead.Store(int64(ahead)) }

// now is the time by the cloud's clock.
func (c *Cloud) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }
