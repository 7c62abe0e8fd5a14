package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pushedPatients are all whose readings are late, for one reason or another.
func pushedPatients(t *testing.T) []*patient {
	t.Helper()
	const hour = time.Hour
	inOrder := inOrder(lateRounds)
	g7 := func(name string) simulator.Person {
		return simulator.Person{Name: name, HoldBack: hour, Mean: 150, Swing: 70}
	}
	g6 := func(name string, holdBack time.Duration) simulator.Person {
		return simulator.Person{Name: name, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: holdBack, Mean: 150, Swing: 50}
	}
	quirky, offline := g7("quirky"), g7("backlog")
	quirky.Quirks = true
	offline.OfflineShare = 0.5
	return []*patient{
		patientOf(t, g7("five"), hour+5*time.Minute, false, false, inOrder),
		patientOf(t, g6("hourly", 3*hour), 5*hour, false, false, inOrder),
		patientOf(t, offline, 7*hour, false, false, backlog),
		patientOf(t, g7("holes"), 2*hour, false, false, holes),
		patientOf(t, quirky, 2*hour, false, false, inOrder),
		patientOf(t, g6("smoothed", hour), 3*hour, true, false, inOrder),
		patientOf(t, g6("both", hour), 3*hour, false, true, bothSources),
		patientOf(t, simulator.Person{Name: "share", Mean: 150, Swing: 70}, time.Minute, false, true, shareAlone),
		outlived(t),
	}
}

// outlived has readings on both sides of otlp.max_age, and none that crosses it during
// the test.
func outlived(t *testing.T) *patient {
	t.Helper()
	for i := range 100 {
		p := patientOf(t, simulator.Person{Name: fmt.Sprintf("outlived%d", i), HoldBack: time.Hour}, readingsWindow-time.Hour, false, false, inOrder(lateRounds))
		crossing := p.Readings(p.began.Add(-readingsWindow-time.Second), p.began.Add(-readingsWindow+2*time.Minute))
		if len(crossing) == 0 {
			return p
		}
	}
	t.Fatal("everybody has a reading that crosses")
	return nil
}

// Whatever a receiver of OTLP has is the simulator's truth, though it is killed while
// readings are pushed, and while they arrive: each one once, at its time and with its
// value, and the live table as it is on /metrics.
func TestLateReadingsArePushed(t *testing.T) {
	t.Parallel()
	s := otlpReceiver(t, "24h")
	c := openClinic(t, pushedPatients(t)...)
	c.pushTo(t, s.otlp())
	s.expectTruth(t, c.truth(0))
	for round := 1; round <= lateRounds; round++ {
		switch round {
		case 2:
			c.post.deliver(round)
			s.expectMore(t, c.truth(round-1).count())
			restart(t, []*lateServer{s}, syscall.SIGKILL)
		case 3:
			stop(t, []*lateServer{s}, syscall.SIGKILL)
			c.post.deliver(round)
			c.expectOffered(t, round)
			c.expectFailures(t)
			s.start(t)
		default:
			c.post.deliver(round)
		}
		s.expectTruth(t, c.truth(round))
	}
	s.expectArrivals(t, c)
	eventually(t, func() error { return s.compareLiveTable(t, c.run) })
	s.report(t, c.truth(lateRounds))
	if complaints := s.complaints("(?i)sample|otlp|append"); complaints != nil {
		t.Errorf("the receiver complains: %s", complaints)
	}
	c.expectNews(t, 2)
}

// expectFailures waits until the program has counted a push that failed.
func (c *clinic) expectFailures(t *testing.T) {
	t.Helper()
	const name = "dexcom_exporter_otlp_failures_total"
	before := readSeries(t, c.run.visitor().get(t, "/metrics", http.StatusOK))[name]
	eventually(t, func() error {
		if now := readSeries(t, c.run.visitor().get(t, "/metrics", http.StatusOK))[name]; now <= before {
			return fmt.Errorf("%s is still %v", name, now)
		}
		return nil
	})
}

// expectNews expects in the log that the live table and the readings failed once in an
// outage at most, and worked again after it.
func (c *clinic) expectNews(t *testing.T, outages int) {
	t.Helper()
	log := c.run.stderr.String()
	failed := strings.Count(log, "an OTLP push failed, it is tried again")
	if again := strings.Count(log, "OTLP pushes work again"); failed == 0 || failed > 2*outages || again != failed {
		t.Errorf("%d times it failed, %d times it worked again:\n%s", failed, again, log)
	}
}

// expectMore waits until more samples are stored than so many.
func (s *lateServer) expectMore(t *testing.T, than int) {
	t.Helper()
	eventually(t, func() error {
		stored, err := s.storedReadings()
		if err == nil && stored.count() <= than {
			err = fmt.Errorf("%d samples are stored", stored.count())
		}
		return err
	})
}

// A receiver that is killed before it takes a push, or after it took it and before
// anybody learns of that, has each reading once in the end; and the program counts as
// accepted what it was told is, and no more. Nor does a killed program double anything.
func TestOTLPReceiverIsKilledMidway(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	s := otlpReceiver(t, "24h")
	r, endpoint := startRelay(t, s, nil)
	c := openClinic(t,
		patientOf(t, simulator.Person{Name: "midway", HoldBack: hour}, 2*hour, false, false, eightAtOnce),
		patientOf(t, simulator.Person{Name: "midway-holes", HoldBack: 3 * hour}, 5*hour, false, false, holesOverRestarts),
		patientOf(t, simulator.Person{Name: "midway-both", HoldBack: hour}, 3*hour, false, true, bothOverRestarts),
		patientOf(t, simulator.Person{Name: "midway-smoothed", Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: hour}, 3*hour, true, false, eightAtOnce),
	)
	c.pushTo(t, endpoint)
	s.expectTruth(t, c.truth(0))
	for round := 1; round <= 4; round++ {
		a := r.lay(round%3, round%2 == 0)
		c.post.deliver(round)
		select {
		case <-a.done:
		case <-time.After(patience):
			t.Fatalf("round %d: nothing was pushed: %+v", round, r.read())
		}
		s.start(t)
		s.expectTruth(t, c.truth(round))
	}
	booked := c.expectBook(t, r)
	t.Logf("the program was told: %+v", booked)
	if want := c.truth(4).count(); booked.late < want || booked.failures < 4 {
		t.Errorf("booked %+v, want %d samples at least and 4 failures", booked, want)
	}
	c.post.deliver(5)
	c.close(t, syscall.SIGKILL)
	c.open(t)
	s.expectTruth(t, c.truth(5))
	s.report(t, c.truth(5))
}

// A receiver without a window has the live table, and of the readings those of the last
// hour. The program says so once, and counts nothing that is not stored.
func TestOTLPReceiverHasNoWindow(t *testing.T) {
	t.Parallel()
	s := otlpReceiver(t, "")
	r, endpoint := startRelay(t, s, nil)
	c := openClinic(t,
		patientOf(t, simulator.Person{Name: "refused", HoldBack: time.Hour}, 2*time.Hour, false, false, inOrder(lateRounds)),
		patientOf(t, simulator.Person{Name: "refused-too", Sensor: simulator.G6, HoldBack: time.Hour}, 3*time.Hour, true, false, inOrder(lateRounds)),
		patientOf(t, simulator.Person{Name: "taken"}, time.Minute, false, true, shareAlone),
	)
	c.pushTo(t, endpoint)
	for round := range lateRounds + 1 {
		c.post.deliver(round)
		young, _ := c.truth(round).lastHour()
		s.expectTruth(t, young)
	}
	s.expectArrivals(t, c)
	young, late := c.truth(lateRounds).lastHour()
	booked := c.expectBook(t, r)
	if booked.late != young.count() || booked.refusals == 0 || booked.failures != 0 {
		t.Errorf("the program was told %+v, and %d samples are stored", booked, young.count())
	}
	t.Logf("the program was told %+v; %d samples are stored, %d not", booked, young.count(), late.count())
	s.report(t, c.truth(lateRounds))
	const said = "the OTLP receiver refuses late readings"
	if log := c.run.stderr.String(); strings.Count(log, said) != 1 || strings.Count(log, "level=WARN") != 1 {
		t.Errorf("it should say once that %s, and nothing else:\n%s", said, log)
	}
}
