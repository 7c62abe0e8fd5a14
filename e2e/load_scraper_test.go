package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// loadScraper asks for a page again and again, as a Prometheus does.
type loadScraper struct {
	url, name string
	line      func([]byte) // gets every line that is not a comment, and keeps none

	mu     sync.Mutex // guards the rest
	took   []time.Duration
	size   int // of the last page, in bytes
	lines  int // likewise
	faults []error
}

// run scrapes until it is told to stop. A scrape that takes longer than the interval
// makes the next one late.
func (s *loadScraper) run(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		began := time.Now()
		size, lines, err := s.scrape()
		s.mu.Lock()
		if err != nil {
			s.faults = append(s.faults, err)
		} else {
			s.took, s.size, s.lines = append(s.took, time.Since(began)), size, lines
		}
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *loadScraper) scrape() (size, lines int, err error) {
	request, err := http.NewRequest(http.MethodGet, s.url, nil)
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("User-Agent", s.name) // Go's client asks for gzip by itself, as Prometheus does
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: %s", s.url, response.Status)
	}
	for scanner := bufio.NewScanner(response.Body); ; {
		if !scanner.Scan() {
			return size, lines, scanner.Err()
		}
		size += len(scanner.Bytes()) + 1
		if line := scanner.Bytes(); !bytes.HasPrefix(line, []byte("#")) {
			lines++
			s.line(line)
		}
	}
}

// scraped is what a scraper saw, in words.
func (s *loadScraper) scraped() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sorted := slices.Sorted(slices.Values(s.took))
	if len(sorted) == 0 {
		return "nothing"
	}
	at := func(share float64) time.Duration {
		return sorted[int(share*float64(len(sorted)-1))].Round(time.Millisecond)
	}
	return fmt.Sprintf("%d scrapes of %d samples, %.1f MB: median %v, p95 %v, longest %v, %d failed",
		len(s.took), s.lines, float64(s.size)/1e6, at(0.5), at(0.95), at(1), len(s.faults))
}

// loadGauges are what /metrics says of the program itself, as of its last page.
type loadGauges struct {
	mu                sync.Mutex // guards the rest
	goroutines, calls float64    // calls of the page that is being read
	last              float64    // calls of the last whole page
}

// line takes a line of /metrics.
func (g *loadGauges) line(line []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case bytes.HasPrefix(line, []byte("dexcom_exporter_api_requests_total{")):
		g.calls += valueOf(line)
	case bytes.HasPrefix(line, []byte("go_goroutines ")): // after all of ours
		g.goroutines, g.last, g.calls = valueOf(line), g.calls, 0
	}
}

// now are the number of goroutines and of calls to Dexcom.
func (g *loadGauges) now() (goroutines, calls float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.goroutines, g.last
}

func valueOf(line []byte) float64 {
	value, _ := strconv.ParseFloat(string(line[bytes.LastIndexByte(line, ' ')+1:]), 64)
	return value
}

// loadReadings are the samples of glucose that left, by account and Unix milliseconds.
type loadReadings map[string]map[int64]float64

// line takes a line of /readings.
func (l loadReadings) line(line []byte) {
	rest, found := bytes.CutPrefix(line, []byte(egvs+`{account="`))
	if !found {
		return
	}
	account, rest, _ := bytes.Cut(rest, []byte(`"`))
	fields := bytes.Fields(bytes.TrimPrefix(rest, []byte("}")))
	if len(fields) != 2 {
		return
	}
	value, _ := strconv.ParseFloat(string(fields[0]), 64)
	at, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	if l[string(account)] == nil {
		l[string(account)] = map[int64]float64{}
	}
	l[string(account)][at] = value
}
