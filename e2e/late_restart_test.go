package e2e

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// interruption is what goes on while a round arrives.
type interruption struct {
	name string
	do   func(t *testing.T, servers []*lateServer, c *clinic, round int)
}

// interruptions are few: Share takes no login a fourth time within minutes.
func interruptions() []interruption {
	return []interruption{
		{"the servers are restarted", func(t *testing.T, servers []*lateServer, c *clinic, round int) {
			c.post.deliver(round)
			restart(t, servers, syscall.SIGTERM)
		}},
		{"the servers are killed", func(t *testing.T, servers []*lateServer, c *clinic, round int) {
			c.post.deliver(round)
			restart(t, servers, syscall.SIGKILL)
		}},
		{"the servers are down for 40 minutes", func(t *testing.T, servers []*lateServer, c *clinic, round int) {
			stop(t, servers, syscall.SIGTERM)
			c.post.deliver(round) // 8 readings of each
			c.expectOffered(t, round)
			for _, s := range servers {
				s.start(t)
			}
		}},
		{"the program is killed", func(t *testing.T, _ []*lateServer, c *clinic, round int) {
			c.post.deliver(round)
			c.close(t, syscall.SIGKILL)
			c.open(t)
		}},
		{"all are killed", func(t *testing.T, servers []*lateServer, c *clinic, round int) {
			stop(t, servers, syscall.SIGKILL)
			c.close(t, syscall.SIGKILL)
			c.post.deliver(round)
			for _, s := range servers {
				s.start(t)
			}
			c.open(t)
		}},
	}
}

// Whoever is stopped or killed while readings arrive, or is not there, all of them are
// stored in the end, each once, also those that both sources tell.
func TestLateReadingsOutliveRestarts(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	g7 := simulator.Person{Name: "survivor", HoldBack: hour}
	outside := simulator.Person{Name: "outsider", HoldBack: 3 * hour}
	both := simulator.Person{Name: "twofold", HoldBack: hour}
	smoothed := simulator.Person{Name: "smoother", Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: hour, Mean: 150, Swing: 50}
	servers := lateServers(t, "24h")
	c := openClinic(t,
		patientOf(t, g7, 2*hour, false, false, eightAtOnce),
		patientOf(t, outside, 5*hour, false, false, holesOverRestarts),
		patientOf(t, both, 3*hour, false, true, bothOverRestarts),
		patientOf(t, smoothed, 3*hour, true, false, eightAtOnce),
	)
	for _, s := range servers {
		s.follow(t, c.address)
	}
	for _, s := range servers {
		s.expectTruth(t, c.truth(0))
	}
	for i, interruption := range interruptions() {
		round := i + 1
		began := time.Now()
		interruption.do(t, servers, c, round)
		for _, s := range servers {
			s.expectTruth(t, c.truth(round))
		}
		t.Logf("round %d: %s: %v", round, interruption.name, time.Since(began).Round(100*time.Millisecond))
	}
	for _, s := range servers {
		s.report(t, c.truth(len(interruptions())))
	}
}

// eightAtOnce are 40 minutes while the servers are down, a few readings else.
func eightAtOnce(i, n int) (api, share int) {
	switch {
	case i < 6:
		return i / 2, never
	case i < 14:
		return 3, never
	}
	return 4 + (i-14)*2/(n-14), never
}

// holesOverRestarts has some arrive after younger ones.
func holesOverRestarts(i, n int) (api, share int) {
	api, _ = eightAtOnce(i, n)
	if i%4 == 1 {
		api = min(api+1, 5)
	}
	return api, never
}

// bothOverRestarts has each of the sources before the other, and a restart of the
// program between the two.
func bothOverRestarts(i, n int) (api, share int) {
	switch i * 6 / n {
	case 0:
		return 5, 0
	case 1:
		return 2, 4 // known from the API before a kill
	case 2:
		return 5, 3 // known from Share before a kill
	case 3:
		return never, 4
	case 4:
		return 4, 5
	}
	return 5, 4
}

func restart(t *testing.T, servers []*lateServer, signal syscall.Signal) {
	t.Helper()
	stop(t, servers, signal)
	for _, s := range servers {
		s.start(t)
	}
}

func stop(t *testing.T, servers []*lateServer, signal syscall.Signal) {
	t.Helper()
	for _, s := range servers {
		s.signal(t, signal)
	}
	for _, s := range servers {
		s.exit(t, patience)
	}
}

// close ends the program.
func (c *clinic) close(t *testing.T, signal syscall.Signal) {
	t.Helper()
	c.run.signal(t, signal)
	c.run.exit(t, shutdown)
}

// expectOffered waits until somebody else who scrapes is offered the youngest reading
// of a round.
func (c *clinic) expectOffered(t *testing.T, round int) {
	t.Helper()
	eventually(t, func() error {
		offered, err := c.run.visitor().ask(http.MethodGet, "/readings?scraper=somebody")
		if err == nil && strings.Count(offered.body, egvs+"{") < c.truth(round).of(egvs).count() {
			err = errors.New("not all has arrived")
		}
		return err
	})
}
