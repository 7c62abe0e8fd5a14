package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// errPaused is a request that was not made, because the receiver asked for a pause.
var errPaused = errors.New("the receiver asked to wait")

// verdict is what became of a request.
type verdict int

const (
	failed   verdict = iota // it may fare better later
	accepted                // except for the points that were rejected
	refused                 // as it is, and it will be again
)

// answer is what a request means for what was in it.
type answer struct {
	verdict verdict
	// rejected is how many points of an accepted request were not stored; they must
	// not be sent again (opentelemetry.io/docs/specs/otlp, "Partial Success").
	rejected int
	// age is why a single point was refused.
	age age
	// alone is a failure that says nothing of other requests.
	alone bool
	// err says what is wrong, without secrets; nil when nothing is.
	err error
}

// age is how far the time of a point was the reason to refuse it.
type age int

const (
	anyAge      age = iota
	outOfBounds     // too old for a Prometheus server without an out-of-order window, or in its future
	tooOld          // for its window
)

// reply is what came back over HTTP.
type reply struct {
	status int // 0: nothing came
	header http.Header
	body   []byte
}

// longestReply is how much of a body is read.
const longestReply = 1 << 20

type replyKey struct{}

// witness is an http.RoundTripper that keeps what came back in the request's
// context: the exporter's errors tell it as text only.
type witness struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (w witness) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestReply))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if got, ok := request.Context().Value(replyKey{}).(*reply); ok {
		*got = reply{status: response.StatusCode, header: response.Header, body: body}
	}
	return response, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (w witness) CloseIdleConnections() {
	if closer, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// answer reads the reply.
func (r reply) answer(scrub func(string) string) answer {
	problem := fmt.Errorf("%s: %s", strings.TrimSpace(strconv.Itoa(r.status)+" "+http.StatusText(r.status)), r.excerpt(scrub))
	age := r.age()
	switch {
	case r.status/100 == 2:
		return r.success(scrub)
	case age == tooOld: // Prometheus 2.42 says so with a 500
		return answer{verdict: refused, age: age, err: problem}
	case r.status == http.StatusBadRequest, r.status == http.StatusRequestEntityTooLarge, r.status == http.StatusUnprocessableEntity:
		return answer{verdict: refused, age: age, err: problem}
	case r.status/100 == 3:
		return answer{err: fmt.Errorf("%w: it redirects, and its headers are for nobody else: change the endpoint", problem)}
	}
	return answer{alone: r.status == http.StatusInternalServerError, err: problem}
}

// success reads an answer that is meant to be good. A page for people is not: a
// proxy or the login of a network wrote it.
func (r reply) success(scrub func(string) string) answer {
	media, _, _ := mime.ParseMediaType(r.header.Get("Content-Type")) // what cannot be read is "", which is fine
	switch media {
	case "text/html", "application/xhtml+xml":
		return answer{err: fmt.Errorf("%d with a web page: it is no OTLP receiver", r.status)}
	case "application/x-protobuf":
	default:
		return answer{verdict: accepted}
	}
	var message collectormetrics.ExportMetricsServiceResponse
	if err := proto.Unmarshal(r.body, &message); err != nil {
		return answer{err: fmt.Errorf("%d with a body that is no OTLP", r.status)}
	}
	rejected := message.GetPartialSuccess().GetRejectedDataPoints()
	if rejected <= 0 {
		return answer{verdict: accepted}
	}
	reason := printable(scrub(message.GetPartialSuccess().GetErrorMessage()))
	return answer{verdict: accepted, rejected: int(min(rejected, 1<<30)), err: fmt.Errorf("points rejected: %s", reason)}
}

// age finds out whether points are too old, in the words of Prometheus
// (storage.ErrTooOldSample, storage.ErrOutOfBounds) and its relatives.
func (r reply) age() age {
	body := strings.ToLower(string(r.body))
	switch {
	case strings.Contains(body, "too old sample"), strings.Contains(body, "timestamp is too old"):
		return tooOld
	case strings.Contains(body, "out of bounds"):
		return outOfBounds
	}
	return anyAge
}

// excerpt is the body for a log. It is scrubbed first: what is cut off of a secret would
// hide the rest.
func (r reply) excerpt(scrub func(string) string) string {
	if media, _, _ := mime.ParseMediaType(r.header.Get("Content-Type")); media == "text/html" {
		return "a web page"
	}
	return printable(scrub(string(r.body)))
}

// printable is the beginning of a text on one line.
func printable(text string) string {
	const longest = 200
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	line := strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, strings.ToValidUTF8(text, "?"))
	if line = strings.TrimSpace(line); line == "" {
		return "no reason given"
	}
	return line
}

// retryAfter is how long a busy receiver asks to wait; 0 when it does not.
func (r reply) retryAfter() time.Duration {
	if r.status != http.StatusTooManyRequests && r.status != http.StatusServiceUnavailable {
		return 0
	}
	text := r.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
