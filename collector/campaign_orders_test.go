package collector

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// campaignOrders is the environment variable that makes this test binary one life of
// the program in the fault campaign of e2e, which kills it.
const campaignOrders = "CAMPAIGN_ORDERS"

// orders are what a life is told: where it lives, when, and among whom.
type orders struct {
	Dir    string           // the state directory
	Start  time.Time        // of the campaign
	Begin  time.Time        // of this life
	Until  time.Time        // when it ends by itself
	Calm   bool             // nothing goes wrong any more
	Seed   uint64           // of the weather
	Life   uint64           // which one it is
	Memory simulator.Memory // what Dexcom knows of grants
	People []campaigner
}

// campaigner is a person and how they are read.
type campaigner struct {
	Person     simulator.Person
	API, Share bool
}

// ordersOf reads the orders. Without any it is one life of half a day that nobody kills.
func ordersOf(t *testing.T) orders {
	t.Helper()
	text, given := os.LookupEnv(campaignOrders)
	if !given {
		simulatesForLong(t)
		start := noon()
		return orders{
			Dir: t.TempDir(), Start: start, Begin: start, Until: start.Add(12 * time.Hour), Seed: 1,
			People: []campaigner{
				{simulator.Person{Name: "api", Seed: 31, HoldBack: time.Hour}, true, false},
				{simulator.Person{Name: "both", Seed: 32, HoldBack: time.Hour}, true, true},
			},
		}
	}
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}
