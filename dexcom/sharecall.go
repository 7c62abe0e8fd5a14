package dexcom

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxShareBody is far above the 40 KB of a day's readings.
	maxShareBody = 4 << 20
	// maxShareCall bounds one request with its body.
	maxShareCall = 30 * time.Second
)

// shareCall is one request to Share.
type shareCall struct {
	op     string // for errors
	method string
	path   string
	query  url.Values
	send   any                    // sent as JSON; nil sends nothing
	sort   func(shareFault) error // what a fault means as an answer
}

// call makes a request that is none of a login's, when its turn comes.
func (s *Share) call(ctx context.Context, call shareCall) ([]byte, error) {
	if wait := s.config.Wait; wait != nil {
		if err := waited(ctx, call.op, wait.Read); err != nil {
			return nil, err
		}
	}
	return s.send(ctx, call)
}

// waited calls what a request has to wait for.
func waited(ctx context.Context, op string, wait func(context.Context) error) error {
	if wait == nil {
		return nil
	}
	switch err := wait(ctx); {
	case err != nil && ctx.Err() != nil:
		return &Error{Op: op, Reason: ReasonNetwork, Err: causeOf(ctx.Err())}
	case err != nil:
		return &Error{Op: op, Reason: ReasonRateLimited, Err: err}
	}
	return nil
}

// send makes a request and returns the body of a good answer. Its address may hold
// a session id and is in no error.
func (s *Share) send(ctx context.Context, call shareCall) ([]byte, error) {
	var sent delivery
	ctx, cancel := context.WithTimeout(sent.watch(ctx), maxShareCall)
	defer cancel()
	request, err := s.request(ctx, call)
	if err != nil {
		return nil, &Error{Op: call.op, Reason: ReasonOther, Err: errBadRequest}
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, &Error{Op: call.op, Reason: ReasonNetwork, Err: causeOf(sent.mark(err))}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxShareBody+1))
	switch {
	case err != nil && response.StatusCode == http.StatusOK:
		return nil, &Error{Op: call.op, Reason: ReasonNetwork, Err: causeOf(err)}
	case err == nil && len(body) > maxShareBody && response.StatusCode == http.StatusOK:
		return nil, &Error{Op: call.op, Reason: ReasonDecode, Err: fmt.Errorf("the answer is larger than %d MiB", maxShareBody>>20)}
	}
	return body, shareError(call.op, response, body, call.sort)
}

func (s *Share) request(ctx context.Context, call shareCall) (*http.Request, error) {
	address := s.services + call.path
	if call.query != nil {
		address += "?" + call.query.Encode()
	}
	var content []byte
	if call.send != nil {
		var err error
		if content, err = json.Marshal(call.send); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, call.method, address, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}
