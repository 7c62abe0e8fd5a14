package collector

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// At the start of many accounts the newest readings of all come first.
func TestStartOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		var people []*simulator.Person
		var names []string
		for i := range 100 {
			name := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
			people = append(people, &simulator.Person{Name: name, Seed: uint64(i), HoldBack: time.Hour, Since: noon().Add(-100 * time.Hour)})
			names = append(names, name)
		}
		cloud := simulator.New(people...)
		var asked []string
		var lock sync.Mutex
		w := socketless(cloud, spy{cloud, func(request *http.Request) {
			lock.Lock()
			defer lock.Unlock()
			kind := request.URL.Path[strings.LastIndex(request.URL.Path, "/")+1:]
			start, _ := time.Parse("2006-01-02T15:04:05", request.URL.Query().Get("startDate"))
			if kind == "egvs" && time.Since(start) > 48*time.Hour {
				kind = "history"
			}
			asked = append(asked, kind)
		}})
		w.callsPerHour[dexcom.US] = 3600
		_, stop := run(t, w.follow(names...))
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		stop()
		if len(asked) < 200 {
			t.Fatalf("only %d requests", len(asked))
		}
		lastFirst := slices.Index(asked, "history")
		for i, kind := range asked[:100] {
			if kind != "egvs" {
				t.Errorf("request %d is %s: want the newest day of all 100 first", i, kind)
			}
		}
		if lastFirst >= 0 && lastFirst < 250 {
			t.Errorf("history was asked for at request %d, before most devices", lastFirst)
		}
		if limit := 20 + int(4*time.Minute/time.Second) + 1; len(asked) > limit {
			t.Errorf("%d requests in 4 minutes, want at most %d", len(asked), limit)
		}
	})
}

type spy struct {
	next http.RoundTripper
	tell func(*http.Request)
}

func (s spy) RoundTrip(request *http.Request) (*http.Response, error) {
	s.tell(request)
	return s.next.RoundTrip(request)
}
