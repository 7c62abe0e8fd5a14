package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// TooManyRequests answers 429 as [Cloud.LimitCalls] does, without Retry-After.
func TooManyRequests() Fault {
	return tooManyUntil("429", func() string { return "" })
}

// RetryAfter answers 429 with Retry-After in seconds.
func RetryAfter(d time.Duration) Fault {
	return tooManyUntil("429 with seconds", func() string { return strconv.Itoa(int(d / time.Second)) })
}

// RetryAt answers 429 with Retry-After as the date in d from then.
func RetryAt(d time.Duration) Fault {
	return tooManyUntil("429 with a date", func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) })
}

func tooManyUntil(name string, retryAfter func() string) Fault {
	return Fault{name: name, serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if value := retryAfter(); value != "" {
			w.Header().Set("Retry-After", value)
		}
		tooMany(w)
	}}
}

// RefuseToken answers 401, as if the access token were not valid. It still is.
func RefuseToken() Fault {
	return Fault{name: "401", serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { unauthorized(w) }}
}

// AnswerInstead answers 200 with a body of JSON that is none of the endpoint's,
// or none at all. The body, which should be short, is part of the name.
func AnswerInstead(body string) Fault {
	f := Answer(http.StatusOK, "application/json", body)
	f.name = fmt.Sprintf("answer instead %q", body)
	return f
}

// RedirectTo answers 302 with an address elsewhere.
func RedirectTo(address string) Fault {
	return Fault{name: "redirect", serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Location", address)
		w.WriteHeader(http.StatusFound)
	}}
}

// BreakGzip answers what was asked for, as it is, and says that it is gzip.
func BreakGzip() Fault {
	return Fault{name: "gzip broken", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		a.header.Set("Content-Encoding", "gzip")
		a.replay(w)
	}}
}
