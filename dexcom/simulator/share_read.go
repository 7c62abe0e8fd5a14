package simulator

import (
	"bytes"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shareRead is the endpoint of readings. Faults come when the session is known
// to be live.
func (c *Cloud) shareRead(w http.ResponseWriter, r *http.Request) {
	now, query := c.now(), r.URL.Query()
	session := parameter(query, "sessionId")
	switch {
	case !isEmptyBody(w, r):
		refuse(w, http.StatusBadRequest, "a body is not expected") // assumed
		return
	case session == zeroUUID:
		w.Header().Set("Content-Type", "application/json") // and nothing else
		return
	}
	a, problem := c.share.account(session, now)
	if problem != nil {
		c.share.fail(w, problem, now)
		return
	}
	c.serveOrFail(a.Person, w, r, func(w http.ResponseWriter, _ *http.Request) {
		visible := c.share.countRead(a)
		minutes, most, problem := amounts(query)
		if problem != nil {
			c.share.fail(w, problem, now)
			return
		}
		records := []shareRecord{} // not null
		if visible {
			records = a.data.shareRecords(minutes, most, now)
		}
		answer(w, http.StatusOK, records)
	})
}

// countRead counts a request, and tells whether it may see anything.
func (s *shareServer) countRead(a *shareAccount) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.counts.Reads++
	return !a.unshared
}

// parameter is a value of the query, whose names are in either case.
func parameter(query url.Values, name string) string {
	for _, key := range slices.Sorted(maps.Keys(query)) {
		if strings.EqualFold(key, name) {
			return query[key][0]
		}
	}
	return ""
}

// amounts reads the numbers of the query. The refusal of others is assumed.
func amounts(query url.Values) (minutes, maxCount int, problem *shareProblem) {
	var err error
	if minutes, err = strconv.Atoi(parameter(query, "minutes")); err != nil || minutes < 0 {
		return 0, 0, invalidArgument("minutes is not valid")
	}
	if maxCount, err = strconv.Atoi(parameter(query, "maxCount")); err != nil || maxCount < 0 {
		return 0, 0, invalidArgument("maxCount is not valid")
	}
	return minutes, maxCount, nil
}

// isEmptyBody tells whether a body is empty, as most clients send it, or {}.
func isEmptyBody(w http.ResponseWriter, r *http.Request) bool {
	const longest = 1 << 10
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	text = bytes.TrimSpace(text)
	return err == nil && (len(text) == 0 || string(text) == "{}")
}

// shareRecords are at most so many records of the last minutes, newest first,
// never older than the 24 hours that Share keeps. That their times, not the
// publishing, decide is assumed.
func (p *Person) shareRecords(minutes, most int, now time.Time) []shareRecord {
	const kept = int(day / minute)
	by := floor(now)
	from := by - millis(min(minutes, kept))*minute
	found := slices.Collect(p.published(from, math.MaxInt64, by))
	found = found[max(0, len(found)-most):]
	records := make([]shareRecord, 0, len(found)+1)
	c := p.curve()
	for _, x := range found {
		records = append(records, p.shareRecord(x, c))
	}
	slices.Reverse(records)
	if n := int64(by.slot(hour)); len(records) < most && p.odd(forSharePlaceholder, n, 0.2) {
		records = append(records, p.placeholder(n))
	}
	return records
}
