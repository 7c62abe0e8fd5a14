package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// A window of the server that is shorter than readings.window costs it every scrape of
// /readings that has an older sample, and it says so nowhere but in its list of
// targets. The job of /metrics does not suffer. With a longer window all is stored.
func TestWindowOfTheServerIsTooShort(t *testing.T) {
	t.Parallel()
	servers := lateServers(t, "1h")
	c := openClinic(t,
		patientOf(t, simulator.Person{Name: "late", HoldBack: time.Hour}, 3*time.Hour, false, false, inOrder(0)),
		patientOf(t, simulator.Person{Name: "prompt"}, time.Minute, false, true, shareAlone),
	)
	c.post.deliver(lateRounds)
	for _, s := range servers {
		s.follow(t, c.address)
	}
	for _, s := range servers {
		s.expect(t, `count_over_time(up{job="dexcom-readings"}[1m])`, func(scrapes float64, _ bool) bool { return scrapes >= 3 })
		for _, up := range s.stored(t, `up{job="dexcom-readings"}`) {
			if up.value != 0 {
				t.Errorf("%s: up is %v", s.name, up.value)
			}
		}
		s.expectTruth(t, samples{})
		if complaints := s.complaints(""); complaints != nil {
			t.Errorf("%s complains: %s", s.name, complaints)
		}
		if targets := s.get(t, "/api/v1/targets", http.StatusOK); !strings.Contains(targets.body, `"lastError":"too old sample"`) {
			t.Errorf("%s: its targets: %s", s.name, targets.body)
		}
		s.expectUp(t, "dexcom")
		s.expect(t, `dexcom_glucose_mg_dl{account="late"}`, func(_ float64, found bool) bool { return found })
	}
	for _, s := range servers {
		s.window = "24h"
		s.follow(t, c.address)
	}
	for _, s := range servers {
		s.expectTruth(t, c.truth(lateRounds))
		s.expect(t, `up{job="dexcom-readings"}`, func(up float64, _ bool) bool { return up == 1 })
	}
}
