package collector

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

const (
	// resultOK is the result of a poll that failed for none of dexcom.Reasons.
	resultOK = "ok"
	// sourceAPI is Dexcom's official API.
	sourceAPI = "api"
)

// account is one person: what the pollers write and what everything that leaves
// the program reads. It is safe for concurrent use.
type account struct {
	name string
	own  *own
	log  *slog.Logger

	mu          sync.Mutex // guards what follows
	settings    Account
	api         *apiPoller // nil: the account does not use the official API
	gone        bool       // nobody follows the account any more
	person      int        // how many people the account had before
	history     *history
	fetched     [2]bool              // by fetch: once at least for this person
	done        map[string]time.Time // by chore: start of its last success for this person
	answered    map[string]time.Time // by endpoint: when it answered last for this person
	arrivals    arrivals
	keeping     bool // the state file could be written last time
	skips       skips
	sources     []SourceStatus
	ranges      dexcom.DataRange
	transmitter transmitter
	clockSkew   time.Duration // how far the device's clock was ahead of ours, at its newest reading

	// What the other endpoints answered last, never changed in place; nil before.
	devices      []dexcom.Device
	calibrations []dexcom.Calibration
	events       []dexcom.Event
	alarms       []dexcom.Alarm
	statistics   *dexcom.Statistics
}

func newAccount(settings Account, keep time.Duration, own *own, log *slog.Logger) *account {
	a := &account{
		name: settings.Name, settings: settings, own: own, log: log.With("account", settings.Name),
		history: newHistory(keep), done: map[string]time.Time{}, answered: map[string]time.Time{}, keeping: true,
	}
	var before dexcom.AccountState
	if settings.State != nil {
		before = settings.State.Get()
	}
	a.arrivals = newArrivals(settings.Bounds, before, time.Now())
	return a
}

// configure takes other settings. What is known of the person stays, unless the
// account moves to another region: no Dexcom user is in two. The other version of
// the API knows the same readings by other names: with it all is read again. The
// caller keeps the account afterwards.
func (a *account) configure(settings Account, keep time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.settings
	if keep > a.history.keep {
		a.fetched[wholeFetch] = false // what it brings beyond is old
		a.arrivals.restart()
		delete(a.done, historyChore)
	}
	if !slices.Equal(before.Events, settings.Events) {
		delete(a.done, eventsChore)
	}
	a.settings, a.history.keep, a.arrivals.bounds = settings, keep, settings.Bounds
	switch {
	case before.API == nil || settings.API == nil:
	case before.API.Region != settings.API.Region:
		a.dismiss() // before its next poll asks for the person to come
		a.drop()
		a.arrivals.forget()
	case before.API.Version != settings.API.Version:
		a.dismiss()
		a.drop()
		a.arrivals.restart()
	}
}

// forget drops all that is known of the person. Whoever asked Dexcom before asked
// for somebody else.
func (a *account) forget() {
	a.mu.Lock()
	a.drop()
	a.arrivals.forget()
	a.mu.Unlock()
	a.keep()
}

// drop makes the account know nothing but what it counted. The caller holds mu.
func (a *account) drop() {
	a.person++
	a.history, a.fetched = newHistory(a.history.keep), [2]bool{}
	a.done, a.answered = map[string]time.Time{}, map[string]time.Time{}
	a.skips, a.ranges, a.transmitter, a.clockSkew = skips{}, dexcom.DataRange{}, transmitter{}, 0
	a.devices, a.calibrations, a.events, a.alarms, a.statistics = nil, nil, nil, nil, nil
}

// keep writes the account's state file when it says too little, and then shows what
// was counted. That the file cannot be written is said once, and costs nothing
// until the next start.
func (a *account) keep() {
	a.mu.Lock()
	file, must := a.settings.State, a.arrivals.unsaved && !a.gone
	a.mu.Unlock()
	if !must {
		return
	}
	var saved [5]uint64
	save := func(state *dexcom.AccountState) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.arrivals.save(state, time.Now().Add(-a.history.keep))
		saved = a.arrivals.counts
	}
	var err error
	if file == nil {
		save(&dexcom.AccountState{})
	} else {
		err = file.Update(save)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arrivals.show(saved)
	switch {
	case err != nil && a.keeping:
		a.log.Warn("the account's state is not saved: after a restart readings may count twice", "err", err)
	case err == nil && !a.keeping:
		a.log.Info("the account's state is saved again")
	}
	a.keeping, a.arrivals.unsaved = err == nil, a.arrivals.unsaved || err != nil
}

// hire gives the account a poller in the place of the one it has, and tells whether
// it did: one with the same job stays. With nil it has none.
func (a *account) hire(p *apiPoller) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.api != nil && p != nil {
		if a.api.job == p.job {
			return false
		}
		if a.api.client == p.client {
			p.resting = a.sources[0].rested(p.pace)
		}
	}
	a.dismiss()
	a.api = p
	switch {
	case p == nil:
		a.sources = nil
	case len(a.sources) == 0:
		a.sources = []SourceStatus{{Name: sourceAPI}}
		a.own.start(a.name, sourceAPI)
	}
	return true
}

// rested is when a source may be asked again, at another pace than before: what
// failed keeps its distance.
func (s SourceStatus) rested(pace pace) time.Time {
	if s.Up() || s.LastPoll.IsZero() {
		return s.LastPoll.Add(pace.min)
	}
	return s.NextPoll
}

// dismiss ends the work of the account's poller. The caller holds mu.
func (a *account) dismiss() {
	if a.api != nil {
		a.api.tenure.end()
		a.api = nil
	}
}

// eventKinds are the kinds of events that may leave the program.
func (a *account) eventKinds() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings.Events
}

// lastDone is when a chore succeeded last for the person of now.
func (a *account) lastDone(chore string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.done[chore]
}

// did notes the success of a chore that began at a time for a person.
func (a *account) did(person int, chore string, began time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person == a.person {
		a.done[chore] = began
	}
}

func (a *account) poller() *apiPoller {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.api
}

// end stops the polls of an account that nobody follows any more, and removes
// what was counted of it.
func (a *account) end() {
	a.hire(nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone = true
	a.own.end(a.name)
}

// whose tells which person the account has now: the number to give with what a
// poller asks for from here on. It is nobody's once the account has another poller.
func (a *account) whose(p *apiPoller) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.api != p {
		return nobody
	}
	return a.person
}

// nobody is no person's number.
const nobody = -1

// replace puts what an endpoint answered for a person in the place of what it
// answered before.
func replace[T any](a *account, person int, endpoint string, list dexcom.List[T], kept *[]T) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if person != a.person {
		return
	}
	a.countSkips(endpoint, list.Skipped)
	*kept = append([]T{}, list.Records...) // nil means that nobody asked yet
	a.answered[endpoint] = time.Now()
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
	defer a.keep()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return
	}
	a.settle(status.LastPoll)
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
