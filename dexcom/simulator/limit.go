package simulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// dexcomLimit is how many calls Dexcom allows an app in an hour, those for all
// people together (developer.dexcom.com/docs/dexcomv2/endpoint-overview).
const dexcomLimit = 60_000

// LimitCalls lets so many calls through in an hour, those to data and to the
// token endpoint together; the others are answered with 429. A new cloud has
// Dexcom's limit of 60,000. Zero refuses all, a negative number none.
//
// The hour slides, in steps of a second, and calls that were refused do not
// count. Whether Dexcom's does so is not known.
func (c *Cloud) LimitCalls(perHour int) {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	c.calls.perHour = perHour
}

// TellRetryAfter says whether calls over the limit are answered with
// Retry-After, in seconds. A new cloud does not: no such header of Dexcom's is known.
func (c *Cloud) TellRetryAfter(on bool) {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	c.calls.retryAfter = on
}

// Calls returns how many calls came in the last hour, refused ones too.
func (c *Cloud) Calls() int { return c.calls.count(&c.calls.served) + c.RefusedCalls() }

// RefusedCalls returns how many calls of the last hour were over the limit.
func (c *Cloud) RefusedCalls() int { return c.calls.count(&c.calls.refused) }

// callLimit counts calls and refuses those over a limit. It is safe for
// concurrent use.
type callLimit struct {
	mu              sync.Mutex // guards all below
	perHour         int
	retryAfter      bool
	served, refused lastHour
}

// wrap puts the limit before an endpoint.
func (l *callLimit) wrap(endpoint http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait, refused := l.call(time.Now().Unix())
		if !refused {
			endpoint.ServeHTTP(w, r)
			return
		}
		if wait > 0 {
			w.Header().Set("Retry-After", strconv.FormatInt(wait, 10))
		}
		tooMany(w)
	})
}

// call counts a call. A refused one may be told how many seconds to wait.
func (l *callLimit) call(now int64) (wait int64, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.served.advance(now)
	l.refused.advance(now)
	if l.perHour < 0 || l.served.total < l.perHour {
		l.served.add()
		return 0, false
	}
	l.refused.add()
	if l.retryAfter {
		wait = l.served.until(l.perHour)
	}
	return wait, true
}

func (l *callLimit) count(h *lastHour) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	h.advance(time.Now().Unix())
	return h.total
}

// lastHour counts what happened in the 3,600 seconds that end with the newest.
type lastHour struct {
	newest  int64 // in seconds since 1970
	total   int
	seconds [3600]int32
}

// advance forgets what is an hour old. A clock that was set back stands still.
func (h *lastHour) advance(now int64) {
	length := int64(len(h.seconds))
	for s := max(h.newest, now-length) + 1; s <= now; s++ {
		h.total -= int(h.seconds[s%length])
		h.seconds[s%length] = 0
	}
	h.newest = max(h.newest, now)
}

func (h *lastHour) add() {
	h.seconds[h.newest%int64(len(h.seconds))]++
	h.total++
}

// until is how many seconds from the newest on fewer than limit are left.
func (h *lastHour) until(limit int) int64 {
	length, left := int64(len(h.seconds)), h.total
	for wait := int64(1); wait < length; wait++ {
		left -= int(h.seconds[(h.newest+wait)%length])
		if left < limit {
			return wait
		}
	}
	return length
}

// tooMany answers a call over the limit. The body is assumed: none of Dexcom's
// is known.
func tooMany(w http.ResponseWriter) {
	answer(w, http.StatusTooManyRequests, map[string]string{"message": "Rate limit exceeded"})
}
