package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// BenchmarkStatusPage shows the page of thousands of accounts, as a browser asks for it.
// Those that it shows have 14 days of readings each.
func BenchmarkStatusPage(b *testing.B) {
	for _, accounts := range []int{8, 5000} {
		b.Run(fmt.Sprintf("%d accounts", accounts), func(b *testing.B) {
			c := crowd(b, accounts)
			handler, err := New(Config{Guard: local(), Collector: c, Metrics: http.NotFoundHandler(), MetricsPath: "/metrics"})
			if err != nil {
				b.Fatal(err)
			}
			for _, address := range []string{"/", "/?page=51", "/?find=p25", "/?only=needed"} {
				b.Run(address, func(b *testing.B) {
					size := 0
					for b.Loop() {
						size = ask(handler, "GET", address, nil).Body.Len()
					}
					b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/page")
					b.ReportMetric(float64(size), "B/page")
				})
			}
			b.Run("standings alone", func(b *testing.B) {
				for b.Loop() {
					c.Standings()
				}
			})
		})
	}
}

// crowd is a collector of so many accounts of alice, once all have her readings: one page
// of fifty those of the last 14 days, the others, of whom the page only tells how they
// stand, those of the last day, which takes a tenth of the time. They come a few at a
// time, else the memory is not enough.
func crowd(b *testing.B, n int) *collector.Collector {
	b.Helper()
	const day = 24 * time.Hour
	p, cloud := alice()
	newcomer := *p
	newcomer.Since = time.Now().Add(-day)
	today := simulator.New(&newcomer)
	long := &repeater{next: cloud, answers: map[string][]byte{}}
	short := &repeater{next: today, answers: map[string][]byte{}}
	c := follow(b)
	go c.Run(b.Context())
	const few = 100
	var accounts []collector.Account
	for len(accounts) < n {
		first := len(accounts)
		for range min(few, n-first) {
			transport, token := http.RoundTripper(short), today.AccessToken("alice")
			if isShown(len(accounts)) {
				transport, token = long, cloud.AccessToken("alice")
			}
			accounts = append(accounts, through(b, transport, fmt.Sprintf("p%04d", len(accounts)), token))
		}
		c.Follow(following(accounts))
		for i, a := range accounts[first:] {
			long := day
			if isShown(first + i) {
				long = 14 * day
			}
			awaitReadings(b, c, a.Name, long)
		}
	}
	return c
}

// isShown tells whether an account is on one of the pages that are measured.
func isShown(account int) bool { return account/cardsPerPage%50 == 0 }

// awaitReadings waits until an account has readings of so long ago.
func awaitReadings(b *testing.B, c *collector.Collector, account string, ago time.Duration) {
	b.Helper()
	const day, most = 24 * time.Hour, time.Minute
	oldest := time.Now().Add(-ago)
	for began := time.Now(); len(c.Readings(account, oldest, oldest.Add(day))) < 200; time.Sleep(time.Millisecond) {
		if time.Since(began) > most {
			b.Fatalf("%s has no readings of %v", account, ago)
		}
	}
}

// repeater asks once for what many ask for in the same hour.
type repeater struct {
	next http.RoundTripper

	mu      sync.Mutex
	answers map[string][]byte // by what was asked for
}

func (r *repeater) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	key := request.URL.Path
	for _, bound := range []string{"startDate", "endDate"} {
		if text := query.Get(bound); len(text) >= len("2006-01-02T15") {
			key += " " + text[:len("2006-01-02T15")]
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	body, known := r.answers[key]
	if !known {
		response, err := r.next.RoundTrip(request)
		if err != nil || response.StatusCode != http.StatusOK {
			return response, err
		}
		defer response.Body.Close()
		if body, err = io.ReadAll(response.Body); err != nil {
			return nil, err
		}
		r.answers[key] = body
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: request, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}
