package simulator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// RoundTrip answers a client's request without sockets, so that an http.Client
// works inside a testing/synctest bubble. It fails only if the request's
// context is done or a [Fault] drops the connection. Like an http.Transport it
// unpacks gzip that the client did not ask for. The body of some faults is made
// while it is read, and ends when the context does.
func (c *Cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("reach simulated Dexcom: %w", err)
	}
	ctx, cancel := context.WithCancel(r.Context())
	a := newRecorder()
	c.ServeHTTP(a, received(ctx, r))
	if err := cmp.Or(r.Context().Err(), a.lost); err != nil {
		cancel()
		return nil, fmt.Errorf("reach simulated Dexcom: %w", err)
	}
	return a.response(ctx, r, cancel), nil
}

// received is the request as a server sees it: never without method, host, or body.
func received(ctx context.Context, r *http.Request) *http.Request {
	s := r.Clone(ctx)
	if s.Method == "" {
		s.Method = http.MethodGet
	}
	if s.Host == "" {
		s.Host = s.URL.Host
	}
	if s.Body == nil {
		s.Body = http.NoBody
	}
	s.RequestURI = s.URL.RequestURI()
	return s
}

// recorder is the http.ResponseWriter that keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	made   io.Reader // the body in place of the one above, made while it is read
	lost   error     // why the answer never arrives
}

func newRecorder() *recorder { return &recorder{header: make(http.Header)} }

// record lets an endpoint do what is asked, and keeps the answer.
func record(endpoint http.Handler, r *http.Request) *recorder {
	a := newRecorder()
	endpoint.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// replay sends the answer that was kept.
func (a *recorder) replay(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // fails only if the client is gone
}

// stream sends the answer that was kept with another body.
func (a *recorder) stream(w http.ResponseWriter, body io.Reader) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	if kept, ok := w.(*recorder); ok {
		kept.made = body
		return
	}
	pour(w, body)
}

// response is the answer as a client sees it. It calls cancel when nobody
// needs the context any more.
func (a *recorder) response(ctx context.Context, r *http.Request, cancel func()) *http.Response {
	a.WriteHeader(http.StatusOK)
	answer := &http.Response{
		Status:     fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode: a.status,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     a.header,
		Request:    r,
	}
	if a.made != nil {
		answer.Body = &flow{ctx, a.made, cancel}
		answer.ContentLength = a.announced()
	} else {
		answer.Body = io.NopCloser(&a.body)
		answer.ContentLength = int64(a.body.Len())
		cancel()
	}
	if answer.ContentLength != 0 && a.header.Get("Content-Encoding") == "gzip" && r.Header.Get("Accept-Encoding") == "" {
		unpack(answer)
	}
	return answer
}

// announced is the length that the header tells, -1 if it tells none.
func (a *recorder) announced() int64 {
	length, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return length
}
