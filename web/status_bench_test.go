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
)

// BenchmarkStatusPage shows the page of thousands of accounts that have 14 days of
// readings each, as a browser asks for it.
func BenchmarkStatusPage(b *testing.B) {
	for _, accounts := range []int{8, 5000} {
		b.Run(fmt.Sprintf("%d accounts", accounts), func(b *testing.B) {
			c := crowd(b, accounts)
			handler, err := New(Config{Guard: local(), Collector: c, Metrics: http.NotFoundHandler(), MetricsPath: "/metrics"})
			if err != nil {
				b.Fatal(err)
			}
			for _, address := range []string{"/", "/?page=50", "/?find=p12", "/?only=needed"} {
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

// crowd is a collector of so many accounts of alice, once all have her readings of
// the last 14 days. They come a few at a time, else the memory is not enough.
func crowd(b *testing.B, n int) *collector.Collector {
	b.Helper()
	_, cloud := alice()
	once := &repeater{next: cloud, answers: map[string][]byte{}}
	c := follow(b)
	go c.Run(b.Context())
	const few = 100
	var accounts []collector.Account
	for len(accounts) < n {
		first := len(accounts)
		for range min(few, n-first) {
			accounts = append(accounts, through(b, once, fmt.Sprintf("p%04d", len(accounts)), cloud.AccessToken("alice")))
		}
		c.Follow(following(accounts))
		for _, a := range accounts[first:] {
			awaitFortnight(b, c, a.Name)
		}
	}
	return c
}

func awaitFortnight(b *testing.B, c *collector.Collector, account string) {
	b.Helper()
	const day, most = 24 * time.Hour, time.Minute
	oldest := time.Now().Add(-14 * day)
	for began := time.Now(); len(c.Readings(account, oldest, oldest.Add(day))) < 200; time.Sleep(time.Millisecond) {
		if time.Since(began) > most {
			b.Fatalf("%s has no readings of 14 days", account)
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
