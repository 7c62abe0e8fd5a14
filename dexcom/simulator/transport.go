package simulator

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
)

// RoundTrip answers a client's request without sockets, so that an http.Client
// works inside a testing/synctest bubble. It fails only if the request's
// context is done or a [Fault] drops the connection.
func (c *Cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("reach simulated Dexcom: %w", err)
	}
	a := newRecorder()
	c.ServeHTTP(a, received(r))
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("reach simulated Dexcom: %w", err)
	}
	if a.lost {
		return nil, fmt.Errorf("reach simulated Dexcom: %w", io.EOF)
	}
	return a.response(r), nil
}

// received is the request as a server sees it: never without method, host, or body.
func received(r *http.Request) *http.Request {
	s := r.Clone(r.Context())
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
	lost   bool // the answer never arrives
}

func newRecorder() *recorder { return &recorder{header: make(http.Header)} }

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
	a.WriteHeader(http.StatusOK)
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // fails only if the client is gone
}

func (a *recorder) response(r *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(&a.body),
		ContentLength: int64(a.body.Len()),
		Request:       r,
	}
}
