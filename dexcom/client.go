package dexcom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// errBadRequest is a request that cannot be made of the configuration.
var errBadRequest = errors.New("the base URL makes no valid request")

const (
	// maxWindow is the longest time one request may ask for (clients, "per
	// Dexcom documentation"; version 2 allowed 90 days).
	maxWindow = 30 * 24 * time.Hour
	// maxBody is far above the 4 MB of a full window.
	maxBody = 32 << 20
	// maxCall bounds one request with its body: a full window takes Dexcom over
	// 30 s at times (clients).
	maxCall = 90 * time.Second
)

// TokenSource gives the access tokens of one person: a [Grant], or a token made
// elsewhere.
type TokenSource interface {
	// Token gives a token to use now. Its error is an [Error].
	Token(ctx context.Context) (*oauth2.Token, error)
	// Reject says that Dexcom refused a token: the next one should differ.
	Reject(token *oauth2.Token)
}

// Config says how a [Client] reaches Dexcom.
type Config struct {
	// BaseURL is where the API lives, see [Region.BaseURL].
	BaseURL string
	// Version of the API; empty is [V3].
	Version Version
	// Tokens gives the access token of the one person this client reads.
	Tokens TokenSource
	// Transport carries the requests; nil is [http.DefaultTransport].
	Transport http.RoundTripper
	// Wait is called before each request and may delay it, or refuse it with an
	// error; nil never does. The time it takes is not the request's.
	Wait func(context.Context) error
}

// Client reads the official API for one person. It may be used concurrently.
type Client struct {
	base   string // with the version, without a slash at its end
	tokens TokenSource
	wait   func(context.Context) error
	http   *http.Client
}

// NewClient checks the configuration; it contacts nobody.
func NewClient(config Config) (*Client, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("dexcom: the base URL is not an absolute http(s) address")
	}
	if config.Version != "" && config.Version != V3 {
		return nil, fmt.Errorf("dexcom: unknown version %q of the API", string(config.Version))
	}
	if config.Tokens == nil {
		return nil, errors.New("dexcom: no source of access tokens")
	}
	return &Client{
		base:   strings.TrimSuffix(config.BaseURL, "/") + "/" + string(V3),
		tokens: config.Tokens,
		wait:   config.Wait,
		http:   &http.Client{Transport: config.Transport, CheckRedirect: noRedirect},
	}, nil
}

// stitch cuts [from, to), widened to whole seconds, into windows that Dexcom
// accepts, half-open so that no record falls into two, and joins the answers.
func stitch[T any](from, to time.Time, fetch func(from, to time.Time) (List[T], error)) (List[T], error) {
	var all List[T]
	from, to = from.Truncate(time.Second), to.Add(time.Second-1).Truncate(time.Second)
	for from.Before(to) {
		end := from.Add(maxWindow)
		if end.After(to) {
			end = to
		}
		part, err := fetch(from, end)
		if err != nil {
			return List[T]{}, err
		}
		all.UserID = part.UserID
		all.Records = append(all.Records, part.Records...)
		all.Skipped = append(all.Skipped, part.Skipped...)
		all.hashes = append(all.hashes, part.hashes...)
		from = end
	}
	return all, nil
}

// window writes the parameters of a half-open window as every example of Dexcom's
// shows them: UTC without a zone.
func window(from, to time.Time) url.Values {
	const layout = "2006-01-02T15:04:05"
	return url.Values{
		"startDate": {from.UTC().Format(layout)},
		"endDate":   {to.UTC().Format(layout)},
	}
}

func fetchList[W, T any](ctx context.Context, c *Client, endpoint string, query url.Values, seen *Seen, parse func(W) (T, string)) (List[T], error) {
	body, err := c.get(ctx, endpoint, query)
	if err != nil {
		return List[T]{}, err
	}
	list, err := decodeList(body, seen, parse)
	if err != nil {
		return List[T]{}, &Error{Op: endpoint, Reason: ReasonDecode, Err: err}
	}
	return list, nil
}

// with is the same client for the person of other tokens.
func (c *Client) with(tokens TokenSource) *Client {
	other := *c
	other.tokens = tokens
	return &other
}

// get asks one endpoint and returns the body of a 200. A token that is refused is
// renewed once (developer.dexcom.com/docs/dexcom/authentication).
func (c *Client) get(ctx context.Context, endpoint string, query url.Values) ([]byte, error) {
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	body, err := c.getWith(ctx, token, endpoint, query)
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
	return c.getWith(ctx, renewed, endpoint, query)
}

func (c *Client) getWith(ctx context.Context, token *oauth2.Token, endpoint string, query url.Values) ([]byte, error) {
	if c.wait != nil {
		if err := c.wait(ctx); err != nil {
			return nil, &Error{Op: endpoint, Reason: ReasonRateLimited, Err: err}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	address := c.base + "/users/self/" + endpoint
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &Error{Op: endpoint, Reason: ReasonOther, Err: errBadRequest}
	}
	token.SetAuthHeader(request)
	request.Header.Set("Accept", "application/json")
	return c.do(request, endpoint)
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
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, &Error{Op: endpoint, Reason: ReasonNetwork, Err: causeOf(err)}
	case len(body) > maxBody:
		return nil, &Error{Op: endpoint, Reason: ReasonDecode, Err: fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)}
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
