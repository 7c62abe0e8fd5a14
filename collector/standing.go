package collector

import (
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// Standing is how an account stands at one moment: what costs little to tell, also of
// thousands. It is the reader's own: nothing in it changes.
type Standing struct {
	Account    string
	Now        time.Time
	StaleAfter time.Duration
	// Sources are the state of each source that the account uses.
	Sources []SourceStatus
	// Grant is how the grant of the official API is doing; nil when the account
	// has none to be linked with.
	Grant *dexcom.GrantStatus
	// Mismatch says that the two sources of an account with both are not the same
	// person; it means nothing without Both.
	Mismatch, Both bool
	// Newest is the newest reading that is not in the future; zero without
	// HasNewest.
	Newest    Reading
	HasNewest bool
	// LastKnown is the time of the newest reading, and without HasNewest of the newest
	// one before the program started; zero when none is known.
	LastKnown time.Time
	// Slope is the change over the last 20 minutes in mg/dL per minute; it means
	// nothing without HasSlope.
	Slope    float64
	HasSlope bool
	// Bounds are those of the person's target range.
	Bounds glucose.Bounds
	// Clock is the person's: that of the configuration, or the offset of the newest
	// reading's display time; nil while neither is known.
	Clock *time.Location
}

// SourceStatus is how the polls of one source went.
type SourceStatus struct {
	// Name is "api", the official API, or "share", Dexcom Share.
	Name string
	// Result of the last poll: "ok", one of dexcom.Reasons, or empty before the
	// first.
	Result string
	// Since is when the first poll of the row with this same result was; Err
	// is the error of the last one, nil when it succeeded.
	Since time.Time
	Err   error
	// LastPoll and NextPoll are zero before the first poll.
	LastPoll, NextPoll time.Time

	polls polls
	other bool // it is asked in another way than at the last poll
}

// Source finds the state of a source, false when the account does not use it.
func (s Standing) Source(name string) (SourceStatus, bool) {
	for _, source := range s.Sources {
		if source.Name == name {
			return source, true
		}
	}
	return SourceStatus{}, false
}

// Up tells whether the last poll succeeded.
func (s SourceStatus) Up() bool { return s.Result == resultOK }

// Live tells whether the newest reading may be shown as the value of now.
func (s Standing) Live() bool {
	return s.HasNewest && s.Newest.Age(s.Now) < s.StaleAfter
}

// standing copies how the account stands at a moment.
func (a *account) standing(now time.Time) Standing {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.standingAt(now)
}

// standingAt is standing for a caller who holds mu.
func (a *account) standingAt(now time.Time) Standing {
	s := Standing{
		Account:    a.name,
		Now:        now,
		StaleAfter: a.settings.StaleAfter,
		Sources:    slices.Clone(a.sources),
		LastKnown:  a.newestKnown(now),
		Mismatch:   a.both.mismatch,
		Both:       a.usesBoth(),
		Bounds:     a.settings.Bounds,
		Clock:      a.settings.Timezone,
	}
	if api := a.settings.API; api != nil && api.Grant != nil {
		status := api.Grant.Status()
		s.Grant = &status
	}
	s.Newest, s.HasNewest = a.history.newest(now.Add(tolerance))
	if s.HasNewest {
		s.Slope, s.HasSlope = a.history.slope(s.Newest.Time)
		if s.Clock == nil && s.Newest.HasUTCOffset {
			s.Clock = time.FixedZone("", int(s.Newest.UTCOffset/time.Second))
		}
	}
	return s
}

// slope is over the readings of the 20 minutes before newest, none of them LOW
// or HIGH, which are no measured values.
func (h *history) slope(newest time.Time) (mgdlPerMinute float64, ok bool) {
	readings := h.between(newest.Add(-20*time.Minute), newest.Add(time.Millisecond))
	samples := make([]glucose.Sample, 0, len(readings))
	for _, r := range readings {
		if r.OutOfRange() != 0 {
			return 0, false
		}
		samples = append(samples, glucose.Sample{Time: r.Time, MgDL: r.MgDL})
	}
	return glucose.Slope(samples)
}
