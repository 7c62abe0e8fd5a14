package dexcom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"
)

// errBadRequest is a request that cannot be made of the configuration.
var errBadRequest = errors.New("the base URL makes no valid request")

// maxCall bounds one request with its body: a full window takes Dexcom over 30 s
// at times (clients).
const maxCall = 90 * time.Second

// maxBody bounds the answer of an endpoint in bytes. A full window of EGVs takes
// 4 MB in version 3 and three times as many records in version 2; other records
// are far fewer, and some answers are no lists at all.
func maxBody(endpoint string) int {
	switch endpoint {
	case "egvs":
		return 32 << 20
	case "devices", "dataRange", "statistics":
		return 1 << 20
	}
	return 8 << 20
}

// apiCall is one request for a person's own data.
type apiCall struct {
	endpoint string
	query    url.Values
	post     []byte // the JSON to send; nil for a GET
}

// get asks one endpoint and returns the body of a 200.
func (c *Client) get(ctx context.Context, endpoint string, query url.Values) ([]byte, error) {
	return c.ask(ctx, apiCall{endpoint: endpoint, query: query})
}

// ask makes a call and returns the body of a 200. A token that is refused is
// renewed once (developer.dexcom.com/docs/dexcom/authentication).
func (c *Client) ask(ctx context.Context, call apiCall) ([]byte, error) {
	if _, err := c.tokens.Token(ctx); err != nil {
		return nil, err
	}
	if err := c.queue(ctx, call); err != nil {
		return nil, err
	}
	token, err := c.tokens.Token(ctx) // the one before may have ended in the queue
	if err != nil {
		return nil, err
	}
	body, err := c.askWith(ctx, token, call)
	if Reason(err) != ReasonCredentials {
		return body, err
	}
	c.tokens.Reject(token)
	renewed, renewErr := c.tokens.Token(ctx)
	switch {
	case renewErr != nil:
		return nil, renewErr
	case renewed.AccessToken == token.AccessToken:
		return nil, err
	}
	if err := c.queue(ctx, call); err != nil {
		return nil, err
	}
	return c.askWith(ctx, renewed, call)
}

// queue waits until the call may go out.
func (c *Client) queue(ctx context.Context, call apiCall) error {
	if c.wait == nil {
		return nil
	}
	switch err := c.wait(ctx); {
	case err != nil && ctx.Err() != nil:
		return &Error{Op: call.endpoint, Reason: ReasonNetwork, Err: causeOf(ctx.Err())}
	case err != nil:
		return &Error{Op: call.endpoint, Reason: ReasonRateLimited, Err: err}
	}
	return nil
}

func (c *Client) askWith(ctx context.Context, token *oauth2.Token, call apiCall) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	request, err := c.request(ctx, call)
	if err != nil {
		return nil, &Error{Op: call.endpoint, Reason: ReasonOther, Err: errBadRequest}
	}
	token.SetAuthHeader(request)
	return c.do(request, call.endpoint)
}

func (c *Client) request(ctx context.Context, call apiCall) (*http.Request, error) {
	address := c.base + "/" + string(c.version) + "/users/self/" + call.endpoint
	if len(call.query) > 0 {
		address += "?" + call.query.Encode()
	}
	method := http.MethodGet
	if call.post != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(call.post))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if call.post != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

func (c *Client) do(request *http.Request, endpoint string) ([]byte, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, &Error{Op: endpoint, Reason: ReasonNetwork, Err: causeOf(err)}
	}
	defer func() { _ = response.Body.Close() }() // only read from: nothing to lose
	if response.StatusCode != http.StatusOK {
		return nil, refusal(endpoint, response)
	}
	most := maxBody(endpoint)
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, &Error{Op: endpoint, Reason: ReasonNetwork, Err: causeOf(err)}
	case len(body) > most:
		return nil, &Error{Op: endpoint, Reason: ReasonDecode, Err: fmt.Errorf("the answer is larger than %d MiB", most>>20)}
	}
	return body, nil
}

// refusal sorts an answer by its status alone: the bodies of the data endpoints'
// errors are not documented, and may name the person.
func refusal(endpoint string, response *http.Response) error {
	e := &Error{Op: endpoint, StatusCode: response.StatusCode, Reason: ReasonOther}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		e.Reason = ReasonCredentials
	case code == http.StatusTooManyRequests:
		e.Reason = ReasonRateLimited
	case code >= http.StatusInternalServerError:
		e.Reason = ReasonServer
	}
	if e.Reason == ReasonRateLimited || e.Reason == ReasonServer {
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	}
	return e
}

// retryAfter reads both forms of the header, seconds and a date; nonsense is 0.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
