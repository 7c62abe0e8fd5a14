package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

const alertsPath = "/v3/users/self/alerts"

func TestV3AlertsTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, p := range diarists(t) {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			from, to := now.AddDate(0, 0, -12), now
			type change struct {
				id string
				at time.Time
			}
			truth := make(map[change]Alarm)
			for _, a := range p.Alarms(from, to, now) {
				truth[change{a.RecordID, a.SystemTime}] = a
			}
			seen := make(map[change]bool)
			for _, r := range records(t, New(p), p.Name, alertsPath, between(from, to)) {
				id, _ := r["recordId"].(string)
				system, _ := understand(r["systemTime"], time.UTC)
				seen[change{id, system.UTC()}] = true
				display, _ := understand(r["displayTime"], p.zone())
				a := truth[change{id, system.UTC()}]
				if r["alertName"] != a.Alert || r["alertState"] != a.State || !system.Equal(a.SystemTime) || !display.Equal(a.SystemTime) {
					t.Errorf("%s: %v, want %+v", p.Name, r, a)
				}
				app, known := r["displayApp"]
				if want := map[bool]string{true: "receiver", false: p.product().app}[p.display() == Receiver]; known && app != want || !known && !p.Quirks {
					t.Errorf("%s: app %v, want %s", p.Name, app, want)
				}
			}
			if len(seen) != len(truth) {
				t.Errorf("%s: %d alarms, want %d", p.Name, len(seen), len(truth))
			}
		})
	}
}

func BenchmarkV3Alerts(b *testing.B) {
	p := &Person{Name: "p", Seed: 1, Swing: 70}
	c := New(p)
	for b.Loop() {
		ask(b, c, "p", alertsPath, between(noon(), noon().AddDate(0, 0, 14)))
	}
}
