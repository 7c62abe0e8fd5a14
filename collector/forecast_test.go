package collector

import (
	"bytes"
	"testing"
	"time"
)

// foretelling is a forecast whose every wish is granted at once, in a world whose
// answers are a script.
type foretelling struct {
	forecast

	now  time.Time
	poll time.Time // of readings, the next one
	look time.Time // for uploads, likewise
	pace pace
}

// step answers what is asked next. Uploads are looked for after a poll too.
func (s *foretelling) step(near, far byte) {
	if s.now = earliest(s.poll, s.look); s.now.Equal(s.poll) {
		s.saw(s.answer(near, far, s.newest), s.now)
	}
	if !s.now.Before(s.forecast.look(s.pace)) {
		upload := s.answer(near, far, s.upload)
		if far == 252 { // a phone whose sensor has ended
			upload = s.now
		}
		s.told(upload, s.now)
	}
	s.poll = s.due(s.pace.afterSuccess(float64(near)/255), s.pace)
	s.look = latest(s.forecast.look(s.pace), s.now.Add(s.pace.min))
}

// answer is a time that a server tells: before now, as a rule.
func (s *foretelling) answer(near, far byte, again time.Time) time.Time {
	switch far {
	case 255:
		return time.Time{}
	case 254:
		return time.Unix(int64(near), 0)
	case 253:
		return time.Date(2099, 1, 1, 0, 0, int(near), 0, time.UTC)
	case 252, 251:
		return again
	}
	return s.now.Add(-time.Duration(near) * time.Duration(far%64+1) * 4 * time.Second)
}

// FuzzForecast tells of any times of readings and uploads: readings are asked for
// neither too often nor too seldom, uploads at least once an hour, and what is learnt
// is a hold that Dexcom can have.
func FuzzForecast(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 75, 0, 0, 0, 0, 252, 0, 0, 0, 251, 1, 1}, uint16(60), uint16(840), byte(60))
	f.Add([]byte{0, 255, 0, 254, 0, 253, 1, 255, 1, 254, 1, 253, 0, 252, 0, 251}, uint16(1), uint16(0), byte(180))
	f.Add([]byte{255, 63, 0, 0, 255, 62, 0, 0, 255, 61, 0, 0, 255, 60}, uint16(3600), uint16(0), byte(0))
	f.Add(bytes.Repeat([]byte{0, 252}, 2000), uint16(300), uint16(600), byte(60))
	f.Fuzz(func(t *testing.T, script []byte, least, more uint16, holdMinutes byte) {
		shortest := time.Duration(least%3600+1) * time.Second // the bounds of the configuration
		pace := pace{shortest, min(time.Hour, shortest+time.Duration(more)*time.Second)}
		s := &foretelling{forecast: newForecast(time.Duration(holdMinutes) * time.Minute), now: noon(), poll: noon(), look: noon().Add(time.Second), pace: pace}
		longest := max(pace.max, min(anyway, 5*pace.max))
		for ; len(script) > 1; script = script[2:] {
			s.step(script[0], script[1])
			if wait := s.poll.Sub(s.asked); !s.asked.IsZero() && (wait < pace.min || wait > longest) {
				t.Fatalf("%v: readings again after %v, want %v to %v", s.now, wait, pace.min, longest)
			}
			if wait := s.forecast.look(pace).Sub(s.looked); !s.looked.IsZero() && (wait < 0 || wait > time.Hour) {
				t.Fatalf("%v: uploads again after %v", s.now, wait)
			}
			if s.hold.offset < 0 || s.hold.offset > 24*time.Hour || s.spacing < 0 || s.spacing > longestSpacing || len(s.pending) > 100 {
				t.Fatalf("%v: held back for %v, uploads every %v, %d pending", s.now, s.hold.offset, s.spacing, len(s.pending))
			}
		}
	})
}

// A look goes before others' polls where it saves some: where there is no habit, or where
// nobody looked since that failed.
func TestTheMeritOfALook(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for name, test := range map[string]struct {
		spacing, looked, asked time.Duration // the latter after the newest reading, whose successors are due 65 minutes and a spacing later
		want                   urgency
	}{
		"no habit":              {0, 0, 10 * minute, urgent},
		"a habit":               {time.Hour, 0, 125 * minute, next},
		"a batch is late":       {time.Hour, 0, 184 * minute, next},
		"a batch did not come":  {time.Hour, 0, 186 * minute, urgent},
		"that was looked after": {time.Hour, 150 * minute, 186 * minute, next},
	} {
		f := newForecast(time.Hour)
		f.hold.offset, f.spacing, f.newest = time.Hour, test.spacing, noon()
		f.looked, f.asked = noon().Add(test.looked), noon().Add(test.asked)
		if got := f.merit(); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
