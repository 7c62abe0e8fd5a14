package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// post stands before a simulated Dexcom and hands out the records of each person as
// the rounds go. It is safe for concurrent use.
type post struct {
	next http.Handler

	mu      sync.Mutex // guards what follows
	byToken map[string]*patient
	round   int
	asked   map[string]time.Time // by account and what it asked for: when it did last
}

func newPost(next http.Handler) *post {
	return &post{next: next, byToken: map[string]*patient{}, asked: map[string]time.Time{}}
}

// deliver lets a round arrive.
func (p *post) deliver(round int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round = round
}

// lastAsked is when an account asked for an endpoint last, or for its "history".
func (p *post) lastAsked(account, endpoint string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[account+" "+endpoint]
}

// ServeHTTP implements http.Handler, for the official API.
func (p *post) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	whose, round := p.byToken[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")], p.round
	endpoint := path.Base(r.URL.Path)
	if whose != nil {
		from, _ := time.Parse("2006-01-02T15:04:05", r.URL.Query().Get("startDate")) // zero for those without
		if endpoint == "egvs" && time.Since(from) > 48*time.Hour {
			p.asked[whose.Name+" history"] = time.Now()
		}
		p.asked[whose.Name+" "+endpoint] = time.Now()
	}
	p.mu.Unlock()
	switch {
	case whose != nil && endpoint == "egvs":
		p.edit(w, r, func(record map[string]any) bool { return whose.tellsReading(record, round) })
	case whose != nil && endpoint == "events":
		p.edit(w, r, func(record map[string]any) bool { return whose.tellsEvent(record, round) })
	default:
		p.next.ServeHTTP(w, r)
	}
}

// share is Dexcom Share for one account, with the records for which tells is true.
func (p *post) share(tells func(record map[string]any, round int) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Base(r.URL.Path) != "ReadPublisherLatestGlucoseValues" {
			p.next.ServeHTTP(w, r)
			return
		}
		p.mu.Lock()
		round := p.round
		p.mu.Unlock()
		p.edit(w, r, func(record map[string]any) bool { return tells(record, round) })
	})
}

// edit lets the records of an answer through for which keep is true.
func (p *post) edit(w http.ResponseWriter, r *http.Request, keep func(record map[string]any) bool) {
	whole := httptest.NewRecorder()
	p.next.ServeHTTP(whole, r)
	var body any
	decoder := json.NewDecoder(bytes.NewReader(whole.Body.Bytes()))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil || whole.Code != http.StatusOK {
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()) // fails only if the client is gone
		return
	}
	part := func(list []any) []any {
		return slices.DeleteFunc(list, func(item any) bool {
			record, _ := item.(map[string]any)
			return !keep(record)
		})
	}
	switch value := body.(type) {
	case []any:
		body = part(value)
	case map[string]any:
		for name, field := range value {
			if list, isList := field.([]any); isList {
				value[name] = part(list)
			}
		}
	}
	maps.Copy(w.Header(), whole.Header())
	w.Header().Del("Content-Length")
	_ = json.NewEncoder(w).Encode(body) // as above
}

// tellsReading tells whether the API tells a record of readings, and takes from one of
// version 2 the smoothed value that it does not have yet.
func (p *patient) tellsReading(record map[string]any, round int) bool {
	at, ok := recordTime(record["systemTime"])
	i := slices.IndexFunc(p.measured, func(m measurement) bool { return ok && m.api.SystemTime.Equal(at) })
	if i < 0 {
		return record["value"] == nil // no reading
	}
	if p.v2 && !p.tellsSmoothed(i, round) {
		record["value"], record["smoothedValue"] = record["realtimeValue"], nil
	}
	return p.measured[i].apiRound <= round
}

func (p *patient) tellsEvent(record map[string]any, round int) bool {
	at, ok := recordTime(record["systemTime"])
	return ok && slices.ContainsFunc(p.diary, func(e entry) bool { return e.SystemTime.Equal(at) && e.round <= round })
}

func (p *patient) tellsShare(record map[string]any, round int) bool {
	at, ok := shareTime(record)
	return ok && slices.ContainsFunc(p.measured, func(m measurement) bool {
		return m.share.SystemTime.Equal(at) && m.shareRound <= round
	})
}

// shareTime reads the time of a record of Share, to the second.
func shareTime(record map[string]any) (time.Time, bool) {
	text, _ := record["WT"].(string)
	unixMilli, err := strconv.ParseInt(regexp.MustCompile(`\d+`).FindString(text), 10, 64)
	return time.UnixMilli(unixMilli).Truncate(time.Second), err == nil
}

// recordTime reads the time of a record in any of the spellings that people with
// quirks have.
func recordTime(field any) (time.Time, bool) {
	text, _ := field.(string)
	text = strings.TrimSuffix(strings.TrimSuffix(strings.Replace(text, " ", "T", 1), "Z"), "+00:00")
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
