package otlp

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

func partial(t testing.TB, rejected int64, message string) string {
	t.Helper()
	body, err := proto.Marshal(&collectormetrics.ExportMetricsServiceResponse{
		PartialSuccess: &collectormetrics.ExportMetricsPartialSuccess{RejectedDataPoints: rejected, ErrorMessage: message},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const protobuf, html, plain = "application/x-protobuf", "text/html; charset=utf-8", "text/plain; charset=utf-8"
	for _, test := range []struct {
		name    string
		status  int
		media   string
		body    string
		verdict verdict
		more    answer // rejected, age, alone
		err     string
	}{
		{"Prometheus", 200, "", "", accepted, answer{}, ""},
		{"VictoriaMetrics", 204, "", "", accepted, answer{}, ""},
		{"accepted later", 202, "application/json", "{}", accepted, answer{}, ""},
		{"collector", 200, protobuf, "", accepted, answer{}, ""},
		{"warning", 200, protobuf, partial(t, 0, "deprecated"), accepted, answer{}, ""},
		{"partial", 200, protobuf, partial(t, 3, "too many\nlabels"), accepted, answer{rejected: 3}, "points rejected: too many labels"},
		{"negative", 200, protobuf, partial(t, -3, "x"), accepted, answer{}, ""},
		{"huge", 200, protobuf, partial(t, 1<<62, ""), accepted, answer{rejected: 1 << 30}, "points rejected: no reason given"},
		{"broken protobuf", 200, protobuf, "\xff\xff\xff", failed, answer{}, "200 with a body that is no OTLP"},
		{"login page", 200, html, "<html>", failed, answer{}, "200 with a web page: it is no OTLP receiver"},
		{"out of bounds", 400, plain, "out of bounds\n", refused, answer{age: outOfBounds}, "400 Bad Request: out of bounds"},
		{"too old", 400, plain, "too old sample", refused, answer{age: tooOld}, "400 Bad Request: too old sample"},
		{"too old, 2.42", 500, plain, "Too old sample\n", refused, answer{age: tooOld}, "500 Internal Server Error: Too old sample"},
		{"Mimir", 400, plain, "the sample has been rejected because its timestamp is too old (err-mimir-sample-timestamp-too-old)", refused, answer{age: tooOld}, "timestamp is too old"},
		{"out of order", 400, plain, "out of order sample", refused, answer{}, "400 Bad Request: out of order sample"},
		{"large", 413, html, "<html>", refused, answer{}, "413 Request Entity Too Large: a web page"},
		{"invalid", 422, "", "", refused, answer{}, "422 Unprocessable Entity: no reason given"},
		{"server", 500, plain, "oops", failed, answer{alone: true}, "500 Internal Server Error: oops"},
		{"gateway", 502, html, "<h1>Bad Gateway</h1>", failed, answer{}, "502 Bad Gateway: a web page"},
		{"busy", 503, "", "", failed, answer{}, "503 Service Unavailable: no reason given"},
		{"slow down", 429, "", "", failed, answer{}, "429 Too Many Requests"},
		{"token", 401, plain, "bad token s3cr3t-t0ken", failed, answer{}, "401 Unauthorized: bad token <secret>"},
		{"path", 404, plain, "404 page not found", failed, answer{}, "404 Not Found: 404 page not found"},
		{"moved", 301, "", "", failed, answer{}, "change the endpoint"},
		{"strange", 799, "", "", failed, answer{}, "799: no reason given"},
		{"binary", 400, "", "a\x00\x1b[31m\xffb", refused, answer{}, "400 Bad Request: a  [31m?b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := reply{status: test.status, header: http.Header{"Content-Type": {test.media}}, body: []byte(test.body)}
			got := r.answer(Headers{"Authorization": "Bearer s3cr3t-t0ken"}.scrub)
			if got.verdict != test.verdict || got.rejected != test.more.rejected || got.age != test.more.age || got.alone != test.more.alone {
				t.Errorf("got %+v", got)
			}
			if (got.err != nil) != (test.err != "") || got.err != nil && !strings.Contains(got.err.Error(), test.err) {
				t.Errorf("got %v, want %q", got.err, test.err)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		soon := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
		for _, test := range []struct {
			status int
			text   string
			want   time.Duration
		}{
			{429, "120", 2 * time.Minute},
			{503, "0", 0},
			{503, soon, 90 * time.Second},
			{429, "", 0},
			{429, "-5", 0},
			{429, "soon", 0},
			{429, "Thu, 01 Jan 1970 00:00:00 GMT", 0},
			{503, "99999999999999999999", 0},
			{500, "120", 0},
			{200, "120", 0},
		} {
			r := reply{status: test.status, header: http.Header{"Retry-After": {test.text}}}
			if got := r.retryAfter(); got != test.want {
				t.Errorf("%d %q: got %v, want %v", test.status, test.text, got, test.want)
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/x-protobuf", []byte(partial(f, 3, "x")))
	f.Add(400, "text/plain", []byte("too old sample"))
	f.Add(500, "text/html", bytes.Repeat([]byte("ä"), 500))
	f.Fuzz(func(t *testing.T, status int, media string, body []byte) {
		r := reply{status: status, header: http.Header{"Content-Type": {media}}, body: body}
		a := r.answer(func(text string) string { return text })
		if a.verdict != accepted && a.err == nil || a.rejected < 0 || a.rejected > 0 && a.verdict != accepted {
			t.Errorf("got %+v", a)
		}
		if a.err == nil {
			return
		}
		if text := a.err.Error(); len(text) > 500 || !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x1b\x00") {
			t.Errorf("an error that does not fit a log: %q", text)
		}
	})
}

func TestSecretsCannotBePrinted(t *testing.T) {
	t.Parallel()
	config := Config{Endpoint: "http://localhost", Headers: Headers{"Authorization": "Bearer s3cr3t-t0ken"}, Log: newLogbook(0).Logger, Live: nothing()}
	pusher, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	log := newLogbook(0)
	log.Error("all", "config", config, "headers", config.Headers)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{config, &config, config.Headers, &config.Headers, pusher, pusher.receiver} {
			fmt.Fprintf(log, verb, value)
		}
	}
	for _, form := range []string{"s3cr3t-t0ken", "7333637233742d74306b656e"} {
		if strings.Contains(log.String(), form) {
			t.Errorf("%s is in %s", form, log)
		}
	}
}

// FuzzSecretInAnswer puts the token of a header anywhere into an answer: no error shows
// even its beginning.
func FuzzSecretInAnswer(f *testing.F) {
	const token = "s3cr3t-t0ken-0f-the-receiver"
	for _, before := range []string{"", "bad token ", strings.Repeat("x", 180), strings.Repeat("x", 199), strings.Repeat("ä", 95), "\xff\x00\n", "Bearer "} {
		f.Add(400, "text/plain", before, " is wrong")
		f.Add(200, "application/x-protobuf", before, "")
	}
	f.Fuzz(func(t *testing.T, status int, media, before, after string) {
		if strings.Contains(before+after, token[:6]) {
			return
		}
		body := []byte(before + token + after)
		if media == "application/x-protobuf" {
			body = []byte(partial(t, 1, strings.ToValidUTF8(string(body), "?")))
		}
		r := reply{status: status, header: http.Header{"Content-Type": {media}}, body: body}
		a := r.answer(Headers{"Authorization": "Bearer " + token}.scrub)
		if strings.Contains(fmt.Sprint(a.err), token[:6]) {
			t.Errorf("%d %s: %q", status, media, a.err)
		}
	})
}

// FuzzRetryAfter reads any header of any status.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"", "120", "-5", "1e9", "2147483648", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "\xff"} {
		f.Add(429, text)
		f.Add(500, text)
	}
	f.Fuzz(func(t *testing.T, status int, text string) {
		r := reply{status: status, header: http.Header{"Retry-After": {text}}}
		got := r.retryAfter()
		if now := time.Now(); got < 0 || now.Add(got).Before(now) || got > 0 && status != 429 && status != 503 {
			t.Errorf("%d %q: %v", status, text, got)
		}
	})
}
