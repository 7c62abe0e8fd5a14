package config

import "time"

// Mode is the way polls are started.
type Mode string

// The modes of polling.
const (
	// Background polls each account on its own schedule.
	Background Mode = "background"
	// Scrape polls on each scrape of /metrics.
	Scrape Mode = "scrape"
)

// Poll says how often Dexcom is asked and how much is remembered. MinInterval is never above MaxInterval.
type Poll struct {
	Mode Mode
	// MinInterval and MaxInterval bound the time between two polls of one healthy source of one account.
	MinInterval time.Duration
	MaxInterval time.Duration
	// History is how long readings stay in memory, from one day to 90.
	History time.Duration
}

// readPoll reads the section poll.
func readPoll(v value) Poll {
	m := v.mapping()
	defer m.finish()
	mode, lowest, highest := m.get("mode"), m.get("min_interval"), m.get("max_interval")
	p := Poll{
		Mode: Mode(mode.oneOf(string(Background), string(Scrape))),
		// Phones upload hourly at the slowest: whoever asks less often is late for everybody.
		MinInterval: lowest.duration(time.Minute, time.Second, time.Hour),
		MaxInterval: highest.duration(15*time.Minute, time.Second, time.Hour),
		History:     m.get("history").duration(14*day, day, 90*day),
	}
	if p.MinInterval > p.MaxInterval {
		if lowest.missing() {
			lowest = highest
		}
		lowest.fail("min_interval is above max_interval, change one of them")
	}
	return p
}
