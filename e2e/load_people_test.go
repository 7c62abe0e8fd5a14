package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// loadPeople are people as a clinic has them: of ten, five have a phone that uploads
// once an hour, two one that does every five minutes, two have Dexcom Share alone and
// one has both.
func loadPeople(n int, now time.Time) []campaigner {
	since := now.Add(-20 * 24 * time.Hour).Truncate(time.Hour)
	people := make([]campaigner, n)
	for i := range people {
		person := simulator.Person{Name: fmt.Sprintf("p%05d", i), Seed: uint64(i) + 1, Since: since, HoldBack: time.Hour}
		who := campaigner{API: true}
		switch i % 10 {
		case 0, 1, 2, 3, 4:
			person.Sensor, person.Rhythm = simulator.G6, simulator.Hourly
		case 5, 6:
		case 7, 8:
			who.API, who.Share = false, true
		default:
			who.Share = true
		}
		who.Person = person
		people[i] = who
	}
	return people
}

// loadConfig is their configuration, without what is the program's own.
func loadConfig(people []campaigner, shareURL string) string {
	var accounts strings.Builder
	for _, who := range people {
		fmt.Fprintf(&accounts, "  - name: %s\n", who.Person.Name)
		if who.API {
			accounts.WriteString("    api: {region: us}\n")
		}
		if who.Share {
			fmt.Fprintf(&accounts, "    share: {region: us, username: %s, password: %s, base_url: %q}\n", who.Person.Name, sharePassword, shareURL)
		}
	}
	return accounts.String()
}
