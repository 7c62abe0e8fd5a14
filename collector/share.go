package collector

import (
	"context"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// shareSource is Dexcom Share of one account: values and arrows within minutes, and
// nothing else. It asks in step with the person's sensor.
type shareSource struct {
	account *account
	poller  *poller
	client  *dexcom.Share
	pace    pace

	person int // whose readings it read last
	rhythm rhythm
	whole  time.Time // when all that Share has was read last; zero: never
}

func newSharePoller(a *account, settings Account, config Config) *poller {
	s := &shareSource{account: a, client: settings.Share, pace: pace{config.MinInterval, config.MaxInterval}, rhythm: newRhythm()}
	s.poller = newPoller(a, sourceShare, job{client: s.client, pace: s.pace, onScrape: config.OnScrape})
	s.poller.source = s
	return s.poller
}

func (s *shareSource) read(ctx context.Context) (added int, err error) {
	if person := s.account.whose(s.poller); person != s.person {
		s.person, s.rhythm, s.whole = person, newRhythm(), time.Time{}
	}
	now := time.Now()
	reach := s.reach(now)
	list, err := s.client.Readings(ctx, reach)
	if err != nil {
		return 0, err
	}
	if reach == shareReach {
		s.whole = now
	}
	if s.account.meet(s.poller, s.client.AccountHash()) { // somebody else, from this list on
		s.person, s.rhythm = s.account.whose(s.poller), newRhythm()
	}
	added = s.account.absorb(s.person, list, time.Now(), shareFetch)
	s.rhythm.saw(s.account.newestOf(sourceShare), time.Now())
	return added, nil
}

// reach is how far back to ask: a little, but all that Share has at first, once an
// hour, and after a gap, in which a phone may have been away from its sensor.
func (s *shareSource) reach(now time.Time) time.Duration {
	const few = 20 * time.Minute
	newest := s.account.newestOf(sourceShare)
	if s.whole.IsZero() || now.Sub(s.whole) >= time.Hour || now.Sub(newest) >= few || s.rhythm.gap {
		return shareReach
	}
	return few
}

func (s *shareSource) pause(now time.Time) time.Duration { return s.rhythm.pause(now, s.pace) }

func (s *shareSource) answered(bool) {}

func (s *shareSource) beside(context.Context) {}
