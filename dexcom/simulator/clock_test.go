package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

// By another clock there are other readings, and tokens end at another time.
func TestSetClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon()))
		c := linkable(t)
		g, person := link(t, c, "plain"), c.Person("plain")
		for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
			c.SetClock(ahead)
			from, to := time.Now().Add(-6*time.Hour), time.Now().Add(6*time.Hour)
			got := len(records(t, c, "plain", "/v3/users/self/egvs", between(from, to)))
			if want := len(person.AvailableReadings(from, to, time.Now().Add(ahead))); got != want || got == 0 {
				t.Errorf("%v ahead: %d readings, want %d", ahead, got, want)
			}
			if !opens(t, c, g.Access) {
				t.Errorf("%v ahead: the access token has ended", ahead)
			}
		}
		c.SetClock(2 * time.Hour)
		if opens(t, c, g.Access) {
			t.Error("the access token lives after its end")
		}
	})
}
