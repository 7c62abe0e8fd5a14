package collector

import (
	"log/slog"
	"sync"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

const (
	// resultOK is the result of a poll that failed for none of dexcom.Reasons.
	resultOK = "ok"
	// sourceAPI is Dexcom's official API.
	sourceAPI = "api"

	skipFuture    = "future"    // the reading's time has not come yet
	skipDuplicate = "duplicate" // another reading has the same time

	// tolerance is how far ahead of our clock a reading may be and still be live.
	tolerance = 5 * time.Minute
)

// account is one person: what the pollers write and what everything that leaves
// the program reads. It is safe for concurrent use.
type account struct {
	name       string
	staleAfter time.Duration
	zone       *time.Location // nil: the offset of the newest reading
	grant      *dexcom.Grant  // nil: nobody can be linked
	api        *apiPoller     // nil: the account does not use the official API
	own        *own
	log        *slog.Logger

	mu          sync.Mutex // guards what follows
	person      int        // how many people the account had before
	history     *history
	skips       skips
	sources     []SourceStatus
	devices     []dexcom.Device
	ranges      dexcom.DataRange
	transmitter transmitter
	clockSkew   time.Duration // how far the device's clock was ahead of ours, at its newest reading
}

// transmitter is what the ticks of the newest reading tell.
type transmitter struct {
	generation dexcom.Generation
	start      time.Time // zero when unknown
	seen       time.Time // time of the reading that told it
}

// forget drops all that is known of the person. Whoever asked Dexcom before asked
// for somebody else.
func (a *account) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.person++
	a.history = newHistory(a.history.keep)
	a.skips, a.devices, a.ranges, a.transmitter, a.clockSkew = skips{}, nil, dexcom.DataRange{}, transmitter{}, 0
}

// whose tells which person the account has now: the number to give with what is
// asked for from here on.
func (a *account) whose() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.person
}

// absorb puts what an EGV request for a person brought into the history and
// returns how many readings were new. timely says whether their delays are worth
// counting: those of a first fetch say nothing about Dexcom.
func (a *account) absorb(person int, list dexcom.List[dexcom.Reading], now time.Time, timely bool) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person != a.person {
		return 0
	}
	a.countSkips("egvs", list.Skipped)
	batch := make([]dexcom.Reading, 0, len(list.Records))
	for _, reading := range list.Records {
		if reading.Time.After(now.Add(ahead)) {
			a.countSkip("egvs", skipFuture, a.history.identity(reading))
			continue
		}
		batch = append(batch, reading)
		if !reading.Time.After(now.Add(tolerance)) {
			a.transmitter.observe(reading)
		}
	}
	before, _ := a.history.newest(now.Add(tolerance))
	added, doubled := a.history.upsert(batch, now)
	for _, reading := range doubled {
		a.countSkip("egvs", skipDuplicate, a.history.identity(reading))
	}
	a.observeClock(added, before, now)
	a.countArrivals(added, now, timely)
	return len(added)
}

// observeClock compares the device's clock with ours at its newest reading; what
// is back-filled tells nothing of the clock of now.
func (a *account) observeClock(added []Reading, before Reading, now time.Time) {
	newest := before.Time
	for _, reading := range added {
		if reading.Time.After(newest) {
			newest = reading.Time
		}
	}
	if newest.After(before.Time) {
		a.clockSkew = max(0, newest.Sub(now)).Truncate(time.Second)
	}
}

func (a *account) countArrivals(added []Reading, now time.Time, timely bool) {
	for _, reading := range added {
		switch {
		case reading.Time.After(now.Add(tolerance)):
			a.own.skipped.WithLabelValues("egvs", skipFuture).Inc()
		case timely:
			a.own.readingDelay.WithLabelValues(sourceAPI).Observe(max(0, now.Sub(reading.Time).Seconds()))
		}
	}
}

// observe keeps the start where it is until it moves by more than 5 minutes:
// ticks and clocks drift.
func (t *transmitter) observe(r dexcom.Reading) {
	if r.Time.Before(t.seen) || r.Generation == dexcom.UnknownGeneration && r.TransmitterAge == 0 {
		return
	}
	t.seen = r.Time
	start := r.Time.Add(-r.TransmitterAge)
	switch {
	case r.TransmitterAge == 0 && r.Generation != t.generation:
		t.start = time.Time{}
	case r.TransmitterAge == 0:
		return
	case t.start.IsZero() || start.Sub(t.start).Abs() > 5*time.Minute:
		t.start = start
	}
	t.generation = r.Generation
}

func (a *account) countSkips(endpoint string, list []dexcom.Skip) {
	for _, skip := range list {
		a.countSkip(endpoint, skip.Reason, skip.Key)
	}
}

func (a *account) countSkip(endpoint, reason string, key uint64) {
	if !a.skips.first(key) {
		return
	}
	a.own.skipped.WithLabelValues(endpoint, reason).Inc()
	a.log.Debug("record left out", "endpoint", endpoint, "reason", reason)
}

// setDevices replaces what is known of the person's devices.
func (a *account) setDevices(person int, list dexcom.List[dexcom.Device]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person != a.person {
		return
	}
	a.countSkips("devices", list.Skipped)
	a.devices = list.Records
}

// setRanges replaces what is known of how far Dexcom's data reaches.
func (a *account) setRanges(person int, ranges dexcom.DataRange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person != a.person {
		return
	}
	ranges.UserID = "" // nobody who reads a snapshot needs it
	a.ranges = ranges
}

// polled takes how a poll of a source for readings went; err says why it failed
// and is nil when it did not. It is logged when it differs from the one before.
func (a *account) polled(status SourceStatus, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	status.Result = resultOK
	if err != nil {
		status.Result = dexcom.Reason(err)
	}
	a.own.polls.WithLabelValues(a.name, status.Name, status.Result).Inc()
	for i, before := range a.sources {
		if before.Name == status.Name {
			a.logPoll(before, status, err)
			a.sources[i] = status
		}
	}
}

// logPoll speaks up when the result differs from the one before.
func (a *account) logPoll(before, now SourceStatus, err error) {
	log := a.log.With("service", now.Name, "next", now.NextPoll.Round(time.Second))
	switch {
	case err == nil && before.Up():
		log.Debug("poll succeeded")
	case err == nil:
		log.Info("polls succeed")
	case before.Result == now.Result:
		log.Debug("poll failed again", "reason", now.Result, "err", err)
	case now.Result == dexcom.ReasonConsent:
		log.Info("the account must be linked", "reason", now.Result, "err", err)
	default:
		log.Warn("poll failed", "reason", now.Result, "err", err)
	}
}

// newestReading gives the time of the newest reading there is, or zero.
func (a *account) newestReading(now time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	newest, _ := a.history.newest(now.Add(tolerance))
	return newest.Time
}

// readings copies the readings with from <= time < to, oldest first.
func (a *account) readings(from, to time.Time) []Reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.history.between(from, to)
}
