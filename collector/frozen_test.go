package collector

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"sync"
	"time"
)

// frozen answers for some people what it answered first after a time: they upload no more.
type frozen struct {
	next  http.RoundTripper
	who   map[string]bool // by the header that shows whom a call is for
	since time.Time

	mu      sync.Mutex // guards what follows
	answers map[string][]byte
}

func (f *frozen) RoundTrip(request *http.Request) (*http.Response, error) {
	who := request.Header.Get("Authorization")
	response, err := f.next.RoundTrip(request)
	if err != nil || !f.who[who] || time.Now().Before(f.since) || response.StatusCode != http.StatusOK {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	call := who + path.Base(request.URL.Path)
	if f.answers[call] == nil {
		f.answers[call] = body
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(f.answers[call])), -1
	return response, nil
}
