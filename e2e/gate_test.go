package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"sync"
	"testing"
	"time"
)

// gate stands before a simulated Dexcom, sees what it is asked, and decides what
// of it gets through. It is safe for concurrent use.
type gate struct {
	next http.Handler

	mu       sync.Mutex // guards all below
	hanging  bool
	readings func(time.Time) bool // which get through, by their time; nil: all
	asked    []question
}

// question is a request that came for a person's data.
type question struct {
	at       time.Time
	endpoint string // the end of its path
	from     time.Time
	token    string
}

// newest tells whether it asks for the newest readings, and not for the history.
func (q question) newest() bool {
	return q.endpoint == "egvs" && q.at.Sub(q.from) < 48*time.Hour
}

// behindGate has a family reach its cloud through a gate.
func (f *family) behindGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{next: f.cloud}
	f.baseURL = listen(t, g)
	return g
}

// hang lets requests in from now on, and no answer out, or ends that.
func (g *gate) hang(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hanging = on
}

// release says which readings get through from now on.
func (g *gate) release(readings func(time.Time) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readings = readings
}

// questions are those that came so far and for which is may be true.
func (g *gate) questions(is func(question) bool) []question {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(g.asked), func(q question) bool { return !is(q) })
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	hanging, readings := g.hanging, g.readings
	if matched, _ := path.Match("/v?/users/self/*", r.URL.Path); matched {
		from, _ := time.Parse("2006-01-02T15:04:05", r.URL.Query().Get("startDate")) // zero for those without
		g.asked = append(g.asked, question{time.Now(), path.Base(r.URL.Path), from, r.Header.Get("Authorization")})
	}
	g.mu.Unlock()
	switch {
	case hanging:
		<-r.Context().Done()
	case readings != nil && path.Base(r.URL.Path) == "egvs":
		g.serveReadings(w, r, readings)
	default:
		g.next.ServeHTTP(w, r)
	}
}

// serveReadings leaves out of an answer what does not get through.
func (g *gate) serveReadings(w http.ResponseWriter, r *http.Request, through func(time.Time) bool) {
	whole := httptest.NewRecorder()
	g.next.ServeHTTP(whole, r)
	var body map[string]any
	if err := json.Unmarshal(whole.Body.Bytes(), &body); err != nil || whole.Code != http.StatusOK {
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()) // fails only if the client is gone
		return
	}
	records, _ := body["records"].([]any)
	body["records"] = slices.DeleteFunc(records, func(record any) bool {
		fields, _ := record.(map[string]any)
		text, _ := fields["systemTime"].(string)
		at, err := time.Parse(time.RFC3339, text)
		return err != nil || !through(at)
	})
	var part bytes.Buffer
	_ = json.NewEncoder(&part).Encode(body) // it was JSON
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(part.Bytes()) // as above
}
