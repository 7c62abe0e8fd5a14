package collector

import (
	"net/http"
	"path"
	"strconv"
	"time"
)

// meter is an http.RoundTripper that counts and times the calls of one source.
type meter struct {
	next   http.RoundTripper
	source string
	own    *own
}

// RoundTrip implements http.RoundTripper. The endpoint is the last part of the
// path: the client asks for nothing but a handful.
func (m meter) RoundTrip(request *http.Request) (*http.Response, error) {
	endpoint := path.Base(request.URL.Path)
	start := time.Now()
	response, err := m.next.RoundTrip(request)
	m.own.requestDuration.WithLabelValues(m.source, endpoint).Observe(time.Since(start).Seconds())
	code := "error"
	if err == nil {
		code = strconv.Itoa(response.StatusCode)
	}
	m.own.requests.WithLabelValues(m.source, endpoint, code).Inc()
	return response, err
}
