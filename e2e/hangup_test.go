package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	hangups  = 60
	scrapers = 4
)

// Hangups come while tokens are refreshed, polls run and scrapers scrape. No scrape
// fails, no token is lost, and nothing is left open afterwards.
func TestHangupsUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.poll = "{min_interval: 1s, max_interval: 1s}"
	f.cloud.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second})
	f.linkHere(t, "alice")
	r := f.serveReloadable(t)
	expectSeriesThat(t, r.exporter, glucose, present)
	steady := r.steady(t, 0)

	stop, scraped := r.scrape(t)
	refreshed := f.cloud.OAuthCounts().Tokens["ok"]
	for i := range hangups {
		r.replace(t, hungUp(f, i))
		r.signal(t, syscall.SIGHUP)
		time.Sleep(100 * time.Millisecond)
	}
	r.replace(t, f.text())
	stop()
	refreshed = f.cloud.OAuthCounts().Tokens["ok"] - refreshed
	t.Logf("%d scrapes and %d refreshes during %d hangups", scraped.Load(), refreshed, hangups)
	if scraped.Load() < hangups || refreshed < 3 {
		t.Error("that is no load")
	}
	r.ask(t, http.StatusOK, "loaded again")
	expectSeriesThat(t, r.exporter, bobLinked, func(_ float64, found bool) bool { return !found })
	if again := r.steady(t, steady+0.5); again > steady+5 {
		t.Errorf("%v goroutines and descriptors are left, %v were there", again, steady)
	}
	if counts := f.cloud.OAuthCounts(); counts.Tokens["invalid_grant"] > 0 || counts.Logins != 1 {
		t.Errorf("%+v", counts)
	}
	f.expectAlive(t, "alice")
	if reloads := strings.Count(r.stderr.String(), "the configuration is loaded again"); reloads < hangups/4 {
		t.Errorf("%d reloads", reloads)
	}
}

// hungUp is the configuration for a hangup: another account, another app, another
// transport, or a mistake.
func hungUp(f *family, i int) string {
	switch text := f.text(); i % 5 {
	case 0:
		return text + "  - name: bob\n    api: {region: us}\n"
	case 1:
		return strings.Replace(text, "base_url", "rate_limit: 50000, base_url", 1)
	case 2:
		return text + "http: {enable_http2: false}\n"
	case 3:
		return text + "nonsense: 1\n"
	default:
		return strings.Replace(text, "name: alice", "name: alice\n    stale_after: 7h", 1)
	}
}

// replace puts a file in the place of the configuration at once, as editors do.
func (r reloadable) replace(t *testing.T, text string) {
	t.Helper()
	next := writeInto(t, filepath.Dir(r.file), "next.yaml", text)
	if err := os.Rename(next, r.file); err != nil {
		t.Fatal(err)
	}
}

// scrape has scrapers scrape as fast as they can until stop is called. Each scrape
// brings alice.
func (r reloadable) scrape(t *testing.T) (stop func(), scraped *atomic.Int64) {
	t.Helper()
	scraped = &atomic.Int64{}
	done := make(chan struct{})
	var busy sync.WaitGroup
	for range scrapers {
		busy.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got, err := r.visitor().ask(http.MethodGet, "/metrics")
				if err != nil || got.status != http.StatusOK || !strings.Contains(got.body, "\n"+glucose) {
					t.Errorf("a scrape failed: %d %v", got.status, err)
				}
				scraped.Add(1)
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	return func() { close(done); busy.Wait() }, scraped
}

// steady is how many goroutines and descriptors there are at rest, the fewest of some
// moments: polls come and go. It waits for not more than enough, if that is given.
func (r reloadable) steady(t *testing.T, enough float64) (fewest float64) {
	t.Helper()
	fewest = -1
	for range 40 {
		metrics := readSeries(t, r.visitor().get(t, "/metrics", http.StatusOK))
		sum := metrics["go_goroutines"] + metrics["process_open_fds"]
		if fewest < 0 || sum < fewest {
			fewest = sum
		}
		if enough > 0 && fewest <= enough {
			return fewest
		}
		time.Sleep(50 * time.Millisecond)
	}
	if fewest < 10 {
		t.Fatal(fmt.Errorf("%v goroutines and descriptors cannot be", fewest))
	}
	return fewest
}
