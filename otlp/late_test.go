package otlp

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// A day of three people whose readings come in batches, late: each reading is stored
// once, at its time, and settled once.
func TestEveryReadingAtItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		people := []*person{{name: "alice"}, {name: "bob"}, {name: "carol"}}
		p, counters := newPusher(t, server, log, nothing(), accountsOf(people...))
		during(t, p, func() {
			for hour := range 24 {
				time.Sleep(30 * time.Second) // between two pushes
				server.scrapeSelf()
				people[0].batch(12, 62*time.Minute)
				if hour%4 == 3 {
					people[1].batch(48, 3*time.Hour)
				}
				for range 11 {
					people[2].batch(1, time.Minute)
					time.Sleep(5 * time.Minute)
				}
				people[2].batch(1, time.Minute)
				time.Sleep(4*time.Minute + 30*time.Second)
			}
			time.Sleep(2 * time.Minute)
		})
		for _, who := range people {
			server.stores(t, who, who.points)
			if who.done() != len(who.points) || who.done() != 288 {
				t.Errorf("%s: settled %d of %d", who.name, who.done(), len(who.points))
			}
		}
		counted(t, counters, 3*288, 0, 0, 0)
		if log.String() != "" {
			t.Error(log)
		}
	})
}

// A receiver that is killed, hangs up in the middle, answers what gateways answer,
// and loses answers of what it stored: nothing is lost, nothing is stored twice.
func TestReceiverDiesAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		people := []*person{{name: "alice"}, {name: "bob"}}
		p, counters := newPusher(t, server, log, nothing(), accountsOf(people...))
		dice := rand.New(rand.NewPCG(1, 2))
		dead := false
		server.meddle = func(w http.ResponseWriter, _ *http.Request, points []stored) bool {
			switch roll := dice.IntN(10); {
			case dead, roll == 0:
				w.WriteHeader(599)
			case roll == 1:
				w.WriteHeader(http.StatusBadGateway)
			case roll == 2:
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, "<html>log in to the network</html>")
			case roll == 3:
				server.appendAll(points) // stored, and nobody hears of it
				w.WriteHeader(http.StatusGatewayTimeout)
			default:
				return false
			}
			return true
		}
		during(t, p, func() {
			for range 12 {
				for _, who := range people {
					who.batch(12, 62*time.Minute)
				}
				time.Sleep(20 * time.Minute)
				server.set(func() { dead = true })
				time.Sleep(40 * time.Minute)
				for _, who := range people {
					if who.done() > len(who.points) {
						t.Fatal("more is settled than there is")
					}
				}
				server.set(func() { dead = false })
			}
			time.Sleep(10 * time.Minute)
		})
		for _, who := range people {
			server.stores(t, who, who.points)
		}
		if people[0].done()+people[1].done() != 288 {
			t.Errorf("settled %d and %d", people[0].done(), people[1].done())
		}
		counted(t, counters, 288, 0, 0, testutil.ToFloat64(counters.failures))
		if strings.Contains(log.String(), "network") {
			t.Error("a page for people is in the log")
		}
	})
}

// Without a window nothing of a late batch can be stored. It waits, and is stored when
// the window is there; whoever is not late is not held up.
func TestReceiverWithoutWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(0), newLogbook(slog.LevelInfo)
		late, fresh := &person{name: "alice"}, &person{name: "bob"}
		live := countingTable(t)
		p, counters := newPusher(t, server, log, live, accountsOf(late, fresh))
		during(t, p, func() {
			for range 6 {
				server.scrapeSelf()
				late.batch(2, 62*time.Minute)
				fresh.batch(1, 5*time.Minute)
				time.Sleep(10 * time.Minute)
			}
			if late.done() != 0 || fresh.done() != 6 {
				t.Errorf("settled %d and %d, want 0 and 6", late.done(), fresh.done())
			}
			server.stores(t, late, nil)
			log.count(t, "refuses late readings", 1)
			asked := 0
			server.set(func() { asked = server.asked[late.series()] })
			if asked > 6*8 {
				t.Errorf("%d requests for readings that nobody wants", asked)
			}
			server.set(func() { server.window = 6 * time.Hour })
			time.Sleep(11 * time.Minute)
		})
		server.stores(t, late, late.points)
		server.stores(t, fresh, fresh.points)
		log.count(t, "takes late readings again", 1)
		log.count(t, "refused readings for good", 0)
		if got := len(server.values(`dexcom_up{account="alice"}`)); got < 70 {
			t.Errorf("the live table came %d times in 71 minutes", got)
		}
		counted(t, counters, float64(len(late.points)+len(fresh.points)+2*len(server.values(`dexcom_up{account="alice"}`))), 0, 0, 0)
	})
}

// A receiver without a window keeps up with somebody whose newest reading is fresh,
// though there is a backlog that it will never take.
func TestFreshReadingsPassTheBacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(0), newLogbook(slog.LevelInfo)
		server.scrapeSelf()
		who := &person{name: "alice"}
		who.batch(140, 4*time.Minute)
		p, counters := newPusher(t, server, log, countingTable(t), accountsOf(who))
		if err := p.live.push(t.Context()); err != nil { // target_info is at now
			t.Fatal(err)
		}
		if err := p.late.push(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := len(server.values(who.series()))
		if got < 8 || who.done() != 140 {
			t.Errorf("stored %d, settled %d", got, who.done())
		}
		if len(server.requests) > 40 {
			t.Errorf("%d requests", len(server.requests))
		}
		counted(t, counters, float64(got+2), float64(140-got), 0, 0)
		log.count(t, "refused readings for good", 1)
	})
}

// What is beyond the window is refused for good, with few requests, and the rest is
// stored; other accounts notice nothing.
func TestReadingsBeyondTheWindow(t *testing.T) {
	t.Parallel()
	for _, code := range []int{400, 500} { // 500: Prometheus 2.42, and a gateway before it
		synctest.Test(t, func(t *testing.T) {
			server, log := newPrometheus(6*time.Hour), newLogbook(slog.LevelInfo)
			server.scrapeSelf()
			server.meddle = func(w http.ResponseWriter, _ *http.Request, points []stored) bool {
				problem := server.appendAll(points)
				if problem == "" {
					return true
				}
				http.Error(w, problem, code)
				return true
			}
			all, some, none := &person{name: "all"}, &person{name: "some"}, &person{name: "none"}
			all.batch(12, 8*time.Hour)
			some.batch(100, 62*time.Minute)
			none.batch(12, 62*time.Minute)
			p, counters := newPusher(t, server, log, nothing(), accountsOf(all, some, none))
			if err := p.late.push(t.Context()); err != nil {
				t.Fatal(err)
			}
			kept := some.points[100-60:] // 62 min + 59 × 5 min is the last within 6 h
			server.stores(t, all, nil)
			server.stores(t, some, kept)
			server.stores(t, none, none.points)
			counted(t, counters, 60+12, 12+40, 0, 0)
			if all.done() != 12 || some.done() != 100 || len(server.requests) > 25 {
				t.Errorf("settled %d and %d, %d requests", all.done(), some.done(), len(server.requests))
			}
			log.count(t, "refused readings for good", 1)
			log.count(t, "refuses late readings", 0)
		})
	}
}

// One reading that the receiver does not want, wherever it is, costs only itself.
func TestOneRefusedReading(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 12, 31} {
		for bad := range n {
			synctest.Test(t, func(t *testing.T) {
				server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
				who := &person{name: "alice"}
				who.batch(n, time.Hour)
				server.meddle = refusing(who.points[bad].Time, "duplicate sample for timestamp")
				p, counters := newPusher(t, server, log, nothing(), accountsOf(who))
				if err := p.late.push(t.Context()); err != nil {
					t.Fatal(err)
				}
				server.stores(t, who, append(who.points[:bad:bad], who.points[bad+1:]...))
				counted(t, counters, float64(n-1), 1, 0, 0)
				if who.done() != n {
					t.Errorf("settled %d of %d", who.done(), n)
				}
			})
		}
	}
}

// A single reading has no halves: it waits, and is refused once others get through.
func TestRefusedReadingAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		who := &person{name: "alice"}
		who.batch(1, time.Hour)
		server.meddle = refusing(who.points[0].Time, "invalid")
		p, counters := newPusher(t, server, log, nothing(), accountsOf(who))
		during(t, p, func() {
			time.Sleep(5 * time.Minute)
			who.batch(1, time.Hour)
			if who.done() != 0 {
				t.Error("settled though it was refused alone")
			}
			time.Sleep(6 * time.Minute)
		})
		server.stores(t, who, who.points[1:])
		counted(t, counters, 1, 1, 0, 0)
	})
}

// Neither what is too old nor what is of the future is sent.
func TestReadingsThatAreNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(30*24*time.Hour), newLogbook(slog.LevelInfo)
		who := &person{name: "alice"}
		who.add(time.Unix(0, 0), 1)
		who.add(time.Time{}, 2)
		who.add(time.Now().Add(-12*time.Hour-time.Second), 3)
		who.add(time.Now().Add(-12*time.Hour), 4)
		who.add(time.Now(), 5)
		who.add(time.Now().Add(6*time.Minute), 6)
		who.add(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), 7)
		p, counters := newPusher(t, server, log, nothing(), accountsOf(who))
		if err := p.late.push(t.Context()); err != nil {
			t.Fatal(err)
		}
		server.stores(t, who, who.points[3:5])
		counted(t, counters, 2, 2, 3, 0)
		if who.done() != 7 {
			t.Errorf("settled %d", who.done())
		}
		log.count(t, "older than otlp.max_age", 1)

		who.points, who.settled = who.points[:1], 0
		if err := p.late.push(t.Context()); err != nil || who.done() != 1 || len(server.requests) != 1 {
			t.Errorf("an expired reading: %v, settled %d, %d requests", err, who.done(), len(server.requests))
		}
	})
}

// Nothing is pushed forever: while the receiver is gone readings grow too old.
func TestReadingsExpireBehindADeadReceiver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		dead := true
		server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
			if dead {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return dead
		}
		who := &person{name: "alice"}
		who.batch(48, 9*time.Hour) // up to 12 h 55 min
		p, counters := newPusher(t, server, log, nothing(), accountsOf(who))
		during(t, p, func() {
			time.Sleep(time.Hour + 30*time.Second)
			server.set(func() { dead = false })
			time.Sleep(2 * time.Minute)
		})
		server.stores(t, who, who.points[24:])
		counted(t, counters, 24, 0, 24, 61)
		log.count(t, "an OTLP push failed", 1)
		log.count(t, "OTLP pushes work again", 1)
	})
}

// One account whose request makes the receiver fail comes last from then on.
func TestFailingAccountsHurtNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		var people []*person
		for i := range 12 {
			people = append(people, &person{name: fmt.Sprint("person", i)})
			people[i].batch(3, time.Hour)
		}
		server.meddle = func(w http.ResponseWriter, _ *http.Request, points []stored) bool {
			cursed := strings.Contains(points[0].series, `"person1`) // 1, 10, 11
			if cursed {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return cursed
		}
		for _, i := range []int{3, 4, 5, 7} {
			people[i].name = "person1" + people[i].name // more than there is patience for
			people[i].points = nil
			people[i].batch(3, time.Hour)
		}
		p, _ := newPusher(t, server, log, nothing(), accountsOf(people...))
		for range 4 {
			if err := p.late.push(t.Context()); err == nil {
				t.Error("a failure is not told")
			}
		}
		for _, who := range people {
			if cursed := strings.HasPrefix(who.name, "person1"); cursed == (who.done() == 3) {
				t.Errorf("%s: settled %d", who.name, who.done())
			}
		}
		log.count(t, "an OTLP push failed", 1)
	})
}

// A receiver that is gone is asked once a pass, not once an account.
func TestDeadReceiverIsAskedOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{599, 401, 403, 404, 429, 502, 503, 504, 308} {
		synctest.Test(t, func(t *testing.T) {
			server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
			server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
				w.WriteHeader(status)
				return true
			}
			var people []*person
			for i := range 50 {
				people = append(people, &person{name: strconv.Itoa(i)})
				people[i].batch(1, time.Hour)
			}
			p, counters := newPusher(t, server, log, nothing(), accountsOf(people...))
			if err := p.late.push(t.Context()); err == nil || len(server.requests) != 1 {
				t.Errorf("%d: %d requests, err %v", status, len(server.requests), err)
			}
			counted(t, counters, 0, 0, 0, 1)
		})
	}
}

// A receiver that fails whatever it is sent is not asked for every account.
func TestFailingReceiverIsNotAskedForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newPrometheus(24 * time.Hour)
		server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		var people []*person
		for i := range 50 {
			people = append(people, &person{name: strconv.Itoa(i)})
			people[i].batch(1, time.Hour)
		}
		p, counters := newPusher(t, server, newLogbook(slog.LevelInfo), nothing(), accountsOf(people...))
		if err := p.late.push(t.Context()); err == nil || len(server.requests) != patience {
			t.Errorf("%d requests, err %v", len(server.requests), err)
		}
		counted(t, counters, 0, 0, 0, patience)
	})
}

// A long backlog goes in bounded requests, and each is settled by itself.
func TestBacklogInParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, log := newPrometheus(24*time.Hour), newLogbook(slog.LevelInfo)
		who := &person{name: "alice"}
		for i := range 2500 {
			who.add(time.Now().Add(-time.Duration(2500-i)*10*time.Second), float64(i))
		}
		server.meddle = func(w http.ResponseWriter, _ *http.Request, _ []stored) bool {
			if len(server.requests) == 3 {
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			return false
		}
		p, counters := newPusher(t, server, log, nothing(), accountsOf(who))
		if err := p.late.push(t.Context()); err == nil || who.done() != 2000 {
			t.Errorf("settled %d, err %v", who.done(), err)
		}
		if err := p.late.push(t.Context()); err != nil || who.done() != 2500 || who.calls != 3 {
			t.Errorf("settled %d in %d calls, err %v", who.settled, who.calls, err)
		}
		server.stores(t, who, who.points)
		counted(t, counters, 2500, 0, 0, 1)
		if got := fmt.Sprint(server.sizes); got != "[1000 1000 500 500]" {
			t.Error(got)
		}
	})
}
