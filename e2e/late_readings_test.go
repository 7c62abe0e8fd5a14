package e2e

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// lateRounds is how many rounds follow round 0.
const lateRounds = 4

// lateClinic has everybody whose readings are late: on purpose, or because of the
// phone, or twice.
func lateClinic(t *testing.T) *clinic {
	t.Helper()
	const hour = time.Hour
	inOrder := inOrder(lateRounds)
	g7 := func(name string, holdBack time.Duration) simulator.Person {
		return simulator.Person{Name: name, HoldBack: holdBack, Mean: 150, Swing: 70}
	}
	g6 := func(name string, holdBack time.Duration) simulator.Person {
		return simulator.Person{Name: name, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: holdBack, Mean: 150, Swing: 50}
	}
	quirky := g7("quirky", hour)
	quirky.Quirks = true
	offline := g7("backlog", hour)
	offline.OfflineShare = 0.5
	return openClinic(t,
		patientOf(t, g7("five", hour), hour+5*time.Minute, false, false, inOrder),
		patientOf(t, g6("hourly", hour), 3*hour, false, false, inOrder),
		patientOf(t, g7("outside", 3*hour), 3*hour+5*time.Minute, false, false, inOrder),
		patientOf(t, offline, 7*hour, false, false, backlog),
		patientOf(t, g7("oldest", hour), 9*hour+30*time.Minute, false, false, inOrder),
		outlived(t), // readings older than the window, and none that crosses it while the test begins
		patientOf(t, g7("holes", hour), 2*hour, false, false, holes),
		patientOf(t, quirky, 2*hour, false, false, inOrder),
		patientOf(t, g6("smoothed", hour), 3*hour, true, false, inOrder),
		patientOf(t, g6("both", hour), 3*hour, false, true, bothSources),
		patientOf(t, g7("share", 0), time.Minute, false, true, shareAlone),
	)
}

// backlog is a phone that was away: two readings, then all the others at once.
func backlog(i, _ int) (api, share int) {
	if i < 2 {
		return i, never
	}
	return 2, never
}

// holes has every third reading come after younger ones.
func holes(i, n int) (api, share int) {
	round := i * lateRounds / n
	if i%3 == 1 {
		round = min(round+1+i%2, lateRounds)
	}
	return round, never
}

// bothSources has the API know the oldest readings first, Share those in the middle,
// where the API follows, and the youngest alone.
func bothSources(i, n int) (api, share int) {
	switch {
	case i < n/4:
		return 1, 2
	case i < n/2:
		return 3, 0
	case i < n*3/4:
		return 4, 1
	}
	return never, 3
}

// shareAlone has the readings of the last hour.
func shareAlone(i, n int) (api, share int) {
	if i < n-10 {
		return never, never
	}
	return never, (i - n + 10) * (lateRounds + 1) / 10
}

// Whatever a Prometheus has of what /readings offers is the simulator's truth: with a
// window all of it, as it arrives, once, at its time and with its value; without one
// what is younger than an hour, and the scrapes succeed all the same. The counters on
// /metrics say the same on all of them.
func TestLateReadingsArriveInPrometheus(t *testing.T) {
	t.Parallel()
	servers := lateServers(t, "24h", "")
	c := lateClinic(t)
	for _, s := range servers {
		s.follow(t, c.address)
	}
	for round := range lateRounds + 1 {
		c.post.deliver(round)
		for _, s := range servers {
			if s.window != "" {
				s.expectTruth(t, c.truth(round))
			}
		}
	}
	truth := c.truth(lateRounds)
	for _, s := range servers {
		s.expectArrivals(t, c)
		s.expectUp(t, "dexcom")
		s.expectUp(t, "dexcom-readings")
		s.report(t, truth)
		if s.window != "" {
			s.expectNoWaste(t, truth)
		} else {
			s.expectTheLastHour(t, truth)
		}
	}
}

// expectArrivals waits until the counters of the last round are stored.
func (s *lateServer) expectArrivals(t *testing.T, c *clinic) {
	t.Helper()
	eventually(t, func() error {
		seen, err := s.vector(`{__name__=~"dexcom_egvs_total|dexcom_exporter_replay_missed_total"}`)
		if err != nil {
			return err
		}
		return c.compareArrivals(seen, lateRounds)
	})
}

// expectNoWaste expects that what was late was written once, however often it was
// offered, and that there is nothing to complain about. What was young is written a
// second time once it is older than the newest of its series; queries merge the two.
func (s *lateServer) expectNoWaste(t *testing.T, truth samples) {
	t.Helper()
	young, late := truth.lastHour()
	name := "prometheus_tsdb_head_out_of_order_samples_appended_total"
	written := s.own(t, name) + s.own(t, name+`{type="float"}`) // of both releases
	if int(written) < late.count() || int(written) > late.count()+young.count() {
		t.Errorf("%s: %v samples were written out of order, want %d, and at most %d more", s.name, written, late.count(), young.count())
	}
	if complaints := s.complaints(""); complaints != nil {
		t.Errorf("%s complains: %s", s.name, complaints)
	}
}

// expectTheLastHour expects what a server without a window has and says.
func (s *lateServer) expectTheLastHour(t *testing.T, truth samples) {
	t.Helper()
	young, _ := truth.lastHour()
	if young.count() == 0 {
		t.Error("nobody has readings of the last hour")
	}
	s.expectTruth(t, young)
	refused := s.own(t, "prometheus_target_scrapes_sample_out_of_bounds_total")
	tooOld := s.complaints("Error on ingesting samples that are too old or are too far into the future")
	again := s.complaints("Error on ingesting out-of-order samples") // young ones that are offered again
	t.Logf("%-18s %d scrapes: %v samples refused as out of bounds, %d warnings of these, %d of samples out of order, %d others",
		s.name, len(s.stored(t, `up{job="dexcom-readings"}`)), refused, len(tooOld), len(again), len(s.complaints(""))-len(tooOld)-len(again))
	if refused == 0 || len(tooOld) == 0 || len(s.complaints("")) > len(tooOld)+len(again) {
		t.Errorf("%s: refused %v samples, complained: %s", s.name, refused, s.complaints(""))
	}
}

// lastHour divides samples into those of the last hour and those before it.
func (s samples) lastHour() (young, late samples) {
	young, late = samples{}, samples{}
	for name, values := range s {
		for unixMilli, value := range values {
			part, at := late, time.UnixMilli(unixMilli)
			if time.Since(at) < time.Hour {
				part = young
			}
			part.put(name, at, value)
		}
	}
	return young, late
}

func (s samples) count() (n int) {
	for _, values := range s {
		n += len(values)
	}
	return n
}
