package collector

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// apiSource is the official API of one account: the readings are asked for in one
// goroutine, everything else in another, so that nothing delays the readings.
type apiSource struct {
	apiJob

	account *account
	poller  *poller
	client  *dexcom.Client
	pace    pace
	// polled has a value after each successful poll: whether readings were new.
	polled chan bool

	// The goroutine of the readings.
	person int // whose readings it read last
	seen   dexcom.Seen
	whole  time.Time // when it asked for all that the history keeps, or began

	// The other goroutine.
	choresFor int // whose chores it did last
	chores    []*chore

	mu       sync.Mutex // guards what follows
	forecast forecast
	luck     float64 // spreads the polls where nothing is foretold
}

// apiJob is what a poller of the official API does that others do not.
type apiJob struct {
	keep    time.Duration // of history
	version dexcom.Version
	region  dexcom.Region
	bounds  glucose.Bounds // asked for by version 2 alone
}

func newAPIPoller(a *account, settings Account, config Config) *poller {
	s := &apiSource{
		apiJob:  apiJob{keep: config.History, version: settings.API.Version, region: settings.API.Region},
		account: a, client: settings.API.Client, pace: pace{config.MinInterval, config.MaxInterval}, polled: make(chan bool, 1),
	}
	if s.version == dexcom.V2 {
		s.bounds = settings.Bounds
	}
	s.chores, s.forecast = s.newChores(), s.newForecast()
	s.poller = newPoller(a, sourceAPI, job{client: s.client, pace: s.pace, onScrape: config.OnScrape, special: s.apiJob})
	s.poller.source = s
	return s.poller
}

func (s *apiSource) newForecast() forecast { return newForecast(s.version.HoldBack(s.region)) }

// newChores lists what is asked beside the readings, the most useful first.
func (s *apiSource) newChores() []*chore {
	const rarely = 50 * time.Minute // the news of a phone that uploads once an hour are seldom an hour apart
	hourly := func(name string, withNews time.Duration, run func(context.Context) error) *chore {
		return &chore{name: name, urgency: soon, every: time.Hour, withNews: withNews, run: run}
	}
	chores := []*chore{
		{name: devicesChore, run: s.readDevices},
		hourly("dataRange", rarely, s.readDataRange),
		hourly("calibrations", rarely, s.readCalibrations),
		hourly(eventsChore, s.pace.max, s.readEvents),
	}
	switch s.version {
	case dexcom.V2:
		chores = append(chores, &chore{name: "statistics", urgency: soon, every: time.Hour, run: s.readStatistics})
	default:
		chores = append(chores, hourly("alerts", s.pace.max, s.readAlarms))
	}
	return append(chores, &chore{name: historyChore, urgency: someday, every: historyEvery, run: s.readHistory})
}

const (
	devicesChore = "devices" // also tells of uploads
	historyChore = "history" // reads all that the history keeps
	eventsChore  = "events"
)

// historyEvery is how often all that the history keeps is read.
const historyEvery = 24 * time.Hour

func (s *apiSource) pause(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forecast.due(s.pace.afterSuccess(s.luck), s.pace).Sub(now)
}

// answered wakes the chores. If they are busy and were told already, new readings
// are not forgotten for it.
func (s *apiSource) answered(news bool) {
	select {
	case before := <-s.polled:
		news = news || before
	default:
	}
	s.polled <- news
}

func (s *apiSource) read(ctx context.Context) (added int, err error) {
	if person := s.account.whose(s.poller); person != s.person {
		s.person, s.seen, s.whole = person, dexcom.Seen{}, time.Time{}
		s.mu.Lock()
		s.forecast = s.newForecast()
		s.mu.Unlock()
	}
	if added, err = s.fetch(ctx, time.Now()); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forecast.saw(s.account.newestOf(sourceAPI), time.Now())
	s.luck = rand.Float64() //nolint:gosec // spreads accounts, keeps no secret
	return added, nil
}

// fetch asks for the newest readings, and for all that the history keeps where the app
// has no budget to ask for it beside them: then it costs no call.
func (s *apiSource) fetch(ctx context.Context, now time.Time) (added int, err error) {
	from, to := window(now, s.account.newestOf(sourceAPI), s.keep)
	if !s.mustReadAll(now) {
		list, err := s.client.EGVs(ctx, from, to, &s.seen)
		if err != nil {
			return 0, err
		}
		return s.account.absorb(s.person, list, time.Now(), newestFetch), nil
	}
	s.whole = now
	list, err := s.client.EGVs(ctx, now.Add(-s.keep), to, nil)
	if err != nil {
		return 0, err
	}
	old, _ := slices.BinarySearchFunc(list.Records, from, func(r dexcom.Reading, from time.Time) int { return r.Time.Compare(from) })
	before := dexcom.List[dexcom.Reading]{Records: list.Records[:old]}
	list.Records = list.Records[old:]
	added = s.account.absorb(s.person, list, time.Now(), newestFetch)
	s.account.absorb(s.person, before, time.Now(), wholeFetch)
	s.account.did(s.person, historyChore, now)
	return added, nil
}

// mustReadAll tells whether the chore that reads the history is an hour late: under an
// app's limit that is too small its turn may not come for days. What failed is not tried
// again for an hour: the newest readings must not wait for it.
func (s *apiSource) mustReadAll(now time.Time) bool {
	const late = time.Hour
	if s.whole.IsZero() {
		s.whole = now // the chore comes first
	}
	return now.Sub(s.whole) >= late && now.Sub(s.account.lastDone(historyChore)) >= historyEvery+late
}

// beside runs what is due after each successful poll, and looks for uploads when the
// forecast wants it. A chore that fails or hangs costs the readings nothing.
func (s *apiSource) beside(ctx context.Context) {
	s.poller.start.wait(ctx)
	look := time.NewTimer(never)
	defer look.Stop()
	for {
		if !s.poller.job.onScrape {
			look.Reset(max(s.pace.min, time.Until(s.look())))
		}
		select {
		case <-ctx.Done():
			return
		case news := <-s.polled:
			s.doDue(ctx, news)
		case <-look.C:
			if s.account.up(sourceAPI) {
				s.doDue(ctx, false)
			}
		}
	}
}

// look is when to look for uploads.
func (s *apiSource) look() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forecast.look(s.pace)
}

// merit says how urgent that is.
func (s *apiSource) merit() urgency {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forecast.merit()
}

func (s *apiSource) doDue(ctx context.Context, news bool) {
	if person := s.account.whose(s.poller); person != s.choresFor {
		s.choresFor, s.chores = person, s.newChores()
	}
	least := someday // urgent of those that there is budget for
	for _, c := range s.chores {
		began := time.Now()
		switch {
		case c.urgency > least:
			continue
		case c.name == eventsChore && s.account.wantsNoEvents():
			continue
		case c.name == devicesChore && began.Before(s.look()):
			continue
		case c.name == devicesChore:
			c.urgency = s.merit()
		}
		if ctx.Err() != nil || !c.due(began, s.account.lastDone(c.name), news) {
			continue
		}
		done, putOff := c.do(ctx, s.pace, s.account.log)
		if done {
			s.account.did(s.choresFor, c.name, began)
		}
		if putOff { // the others would wait in vain, and looks behind them
			least = c.urgency - 1
		}
	}
}

func (s *apiSource) readDevices(ctx context.Context) error {
	list, err := s.client.Devices(ctx)
	if err == nil {
		replace(s.account, s.choresFor, "devices", list, &s.account.devices)
		s.told(list.Records)
	}
	return err
}

// told gives the newest upload of the devices to the forecast, and moves the next poll
// to when that wants it.
func (s *apiSource) told(devices []dexcom.Device) {
	now, upload := time.Now(), time.Time{}
	for _, device := range devices {
		if !device.LastUpload.After(now.Add(tolerance)) {
			upload = latest(upload, device.LastUpload)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account.whose(s.poller) != s.choresFor {
		return
	}
	s.forecast.told(upload, now)
	s.poller.demand.move()
}

func (s *apiSource) readDataRange(ctx context.Context) error {
	ranges, err := s.client.DataRange(ctx)
	if err == nil {
		s.account.setRanges(s.choresFor, ranges)
	}
	return err
}

// readHistory reads everything the history keeps: what phones delivered later
// than a day after the fact, and on a start what was there before.
func (s *apiSource) readHistory(ctx context.Context) error {
	now := time.Now()
	list, err := s.client.EGVs(ctx, now.Add(-s.keep), now.Add(ahead), nil)
	if err == nil {
		s.account.absorb(s.choresFor, list, time.Now(), wholeFetch)
	}
	return err
}
