package collector

import (
	"errors"
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
	// sourceShare is Dexcom Share.
	sourceShare = "share"
)

// account is one person: what the pollers write and what everything that leaves
// the program reads. It is safe for concurrent use.
type account struct {
	name string
	own  *own
	log  *slog.Logger

	saving sync.Mutex // held while the state file is written; before mu

	mu          sync.Mutex // guards what follows
	settings    Account
	pollers     map[string]*poller // by source
	gone        bool               // nobody follows the account any more
	person      int                // how many people the account had before
	history     *history
	both        both
	newest      map[string]time.Time // by source: time of its newest reading that is not in the future
	fetched     [3]bool              // by fetch: once at least for this person
	done        map[string]time.Time // by chore: start of its last success for this person
	answered    map[string]time.Time // by endpoint: when it answered last for this person
	arrivals    arrivals
	outbox      outbox
	figured     figured
	unsaved     bool      // the state file does not say yet what follows from the last changes
	keeping     bool      // the state file could be written last time
	known       time.Time // time of the newest reading before the last start; zero: none is known
	login       string    // hash of the Share account whose readings these are; empty before the first
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

func newAccount(settings Account, config Config, own *own, log *slog.Logger) *account {
	a := &account{
		name: settings.Name, settings: settings, own: own, log: log.With("account", settings.Name),
		pollers: map[string]*poller{}, history: newHistory(config.History), newest: map[string]time.Time{},
		done: map[string]time.Time{}, answered: map[string]time.Time{}, keeping: true,
		outbox: outbox{reach: config.Reach},
	}
	var before dexcom.AccountState
	if settings.State != nil {
		before = settings.State.Get()
	}
	a.arrivals = newArrivals(settings.Bounds, before, time.Now())
	if before.Mismatch && !a.usesBoth() { // whose readings these were nobody can tell
		a.arrivals.forget()
		return a
	}
	a.login = before.ShareAccount
	a.recall(remembered{before.Newest, given{before.Given, before.GivenByAPI}, before.Mismatch})
	return a
}

// configure takes other settings. What is known of the person stays, unless the
// account moves to another region: no Dexcom user is in two. The other version of
// the API knows the same readings by other names: with it all is read again. The
// caller keeps the account afterwards.
func (a *account) configure(settings Account, config Config) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, keep := a.settings, config.History
	a.figured = figured{}
	if keep > a.history.keep {
		a.fetched[wholeFetch] = false // what it brings beyond is old
		a.arrivals.restart()
		delete(a.done, historyChore)
	}
	if !slices.Equal(before.Events, settings.Events) {
		delete(a.done, eventsChore)
	}
	a.settings, a.history.keep, a.arrivals.bounds = settings, keep, settings.Bounds
	if !slices.Equal(before.Events, settings.Events) {
		a.outbox.retain(func(s Series) bool { return s.Metric != Event || slices.Contains(settings.Events, s.Type) })
	}
	if reach := a.outbox.reach; config.Reach > reach {
		a.outbox.reach = config.Reach
		a.extendOutbox(reach, time.Now())
		delete(a.done, eventsChore) // no older ones than were needed are here
	}
	a.outbox.reach = config.Reach
	stays := before.API != nil && settings.API != nil
	moved := stays && before.API.Region != settings.API.Region
	parted := a.both.mismatch && !a.usesBoth() // whose readings are left nobody can tell
	switch {
	case moved || parted:
		a.dismissAll() // before the next poll asks for the person to come
		a.drop()
		a.arrivals.forget()
	case stays && before.API.Version != settings.API.Version:
		a.dismissAll()
		known := a.remember(time.Now())
		a.drop()
		a.recall(known)
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

// meet takes whose account a login opened, as a hash, and tells whether it is another
// one than before: then all that is known of the person is dropped.
func (a *account) meet(p *poller, login string) (other bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pollers[p.name] != p || login == "" || login == a.login {
		return false
	}
	other = a.login != ""
	a.login, a.unsaved = login, true
	if other {
		a.log.Warn("the Share login opens another person's account than before: the readings of the one before are dropped")
		a.drop()
		a.arrivals.forget()
	}
	return other
}

// drop makes the account know nothing but what it counted. The caller holds mu.
func (a *account) drop() {
	a.person++
	a.outbox.clear()
	a.figured = figured{}
	a.history, a.fetched, a.newest, a.both = newHistory(a.history.keep), [3]bool{}, map[string]time.Time{}, both{}
	a.done, a.answered, a.known = map[string]time.Time{}, map[string]time.Time{}, time.Time{}
	a.skips, a.ranges, a.transmitter, a.clockSkew = skips{}, dexcom.DataRange{}, transmitter{}, 0
	a.devices, a.calibrations, a.events, a.alarms, a.statistics = nil, nil, nil, nil, nil
}

// wantedEvents are the kinds of events that may leave the program, and how old the oldest
// may be that does.
func (a *account) wantedEvents() (kinds []string, reach time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings.Events, max(lastDay.length(), a.outbox.reach)
}

// wantsNoEvents tells whether no event may leave the program.
func (a *account) wantsNoEvents() bool {
	kinds, _ := a.wantedEvents()
	return len(kinds) == 0
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
	a.joinWaiting(status.LastPoll)
	a.settle(status.LastPoll)
	status.Result, status.Err = resultOK, err
	if err != nil {
		status.Result = dexcom.Reason(err)
	}
	known := a.status(status.Name)
	if known == nil {
		return
	}
	a.logPoll(*known, status, err)
	status.polls, status.Since = known.polls, known.Since
	status.polls.count(status.Result)
	if known.Result != status.Result {
		status.Since = status.LastPoll
	}
	*known = status
}

// up tells whether the last poll of a source succeeded.
func (a *account) up(source string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	status := a.status(source)
	return status != nil && status.Up()
}

// next is when a source is due; zero when the account does not use it.
func (a *account) next(source string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if status := a.status(source); status != nil {
		return status.NextPoll
	}
	return time.Time{}
}

// moved notes that a source is due at another time.
func (a *account) moved(source string, to time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if status := a.status(source); status != nil {
		status.NextPoll = to
	}
}

// logPoll speaks up when the result differs from the one before, and of the first
// result of a changed configuration: somebody waits for it.
func (a *account) logPoll(before, now SourceStatus, err error) {
	log := a.log.With("service", now.Name, "next", askedAgain(now, err).Round(time.Second))
	switch {
	case err == nil && before.Up():
		log.Debug("poll succeeded")
	case err == nil:
		log.Info("polls succeed")
	case before.Result == now.Result && !before.other:
		log.Debug("poll failed again", "reason", now.Result, "err", err)
	case now.Result == dexcom.ReasonConsent:
		log.Info("the account must be linked", "reason", now.Result, "err", err)
	default:
		log.Warn("poll failed", "reason", now.Result, "err", err)
	}
}

// askedAgain is when Dexcom is asked again after a poll: while logins of Share are
// stopped, polls come and ask nobody.
func askedAgain(polled SourceStatus, err error) time.Time {
	stopped := polled.Result == dexcom.ReasonCredentials || errors.Is(err, dexcom.ErrShareStopped)
	if wait := dexcom.RetryAfter(err); stopped && wait > 0 {
		return polled.LastPoll.Add(wait)
	}
	return polled.NextPoll
}

// newestOf gives the time of the newest reading that a source brought, or zero.
func (a *account) newestOf(source string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.newest[source]
}

// readings copies the readings with from <= time < to, oldest first.
func (a *account) readings(from, to time.Time) []Reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.history.between(from, to)
}
